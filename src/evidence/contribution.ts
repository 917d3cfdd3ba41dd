import type { About, Check, Counts, Evidence, Facts, FaultRecord, Finding, Step } from './schema.ts';

/** What one step adds to the evidence. */
export interface Contribution {
  /** A few words for the terminal: what this step came to. */
  summary?: string;
  facts?: Facts;
  /** Which data was restored, and where it was read. */
  about?: Partial<Pick<About, 'data' | 'server' | 'database' | 'profile'>>;
  subject?: Evidence['subject'];
  environment?: Partial<Evidence['environment']>;
  counts?: Counts;
  rowHashes?: NonNullable<Evidence['rowHashes']>;
  checks?: Check[];
  findings?: Finding[];
  objectives?: Partial<Evidence['objectives']>;
  coverage?: Evidence['coverage'];
  faults?: FaultRecord[];
  /** How to reach and how to end what the user asked to keep. For the terminal alone. */
  kept?: string;
  /** What tools printed, by file name; redacted. */
  logs?: Record<string, string>;
}

/** What a step leaves in the `meta` of its Vitest test, for the reporter. */
export interface StepMeta {
  status: 'passed' | 'failed';
  durationMs: number;
  error: Step['error'];
  contribution: Contribution;
}

/** What is known of a step before it runs: the checks it will make. */
export interface StepPlan {
  checks: string[];
}

// Vitest's own type is declared there and only passed on by 'vitest'.
declare module '@vitest/runner' {
  interface TaskMeta {
    plan?: StepPlan;
    step?: StepMeta;
    /** On a file: what could not be removed after the rehearsal. */
    leftBehind?: string[];
  }
}
