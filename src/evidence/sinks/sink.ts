import type { MetricsFile } from '../metrics/write.ts';
import type { Outcome } from '../outcome.ts';
import type { Evidence, Verdict } from '../schema.ts';

/** Who learns how a run ended, and in which form. */
export type Sink = FileSink | RunSink | DeliverySink;

/** A file in the directory of the evidence, which appears whole or not at all. */
export interface FileSink {
  file: string;
  /**
   * Pure. What takes long to load is loaded first.
   * @param signedBy the fingerprint of the key that the evidence is signed with; null where it is not
   */
  render: (evidence: Evidence, signedBy: string | null) => string | Promise<string>;
}

/** Publishes a finished run, whose evidence has been written. */
export interface RunSink {
  publish: (run: FinishedRun) => Promise<void> | void;
}

/**
 * Tells others of a finished run. What cannot be delivered changes no verdict: it is said, and kept for the evidence of the next
 * run.
 */
export interface DeliverySink {
  /** @throws where it is not delivered; the message is shown */
  deliver: (run: FinishedRun) => Promise<void>;
}

/** Whom to tell of a run; null: nobody. */
export interface Destinations {
  /** The file that GitHub shows with a step. */
  stepSummary: string | null;
  metrics: MetricsFile | null;
  webhook: URL | null;
  heartbeat: URL | null;
}

export const nowhere: Destinations = { stepSummary: null, metrics: null, webhook: null, heartbeat: null };

/** Where people read along. */
export interface Screen {
  /** Shows lines. */
  print: (text: string) => void;
  /** How wide it is, where it is a terminal. */
  columns: number | null;
}

/** All rehearsals of one run. */
export interface FinishedRun {
  /** The directory that holds those of the evidence. */
  reports: string;
  outcomes: Outcome[];
  verdict: Verdict;
  screen: Screen;
  destinations: Destinations;
  /** What sinks have to say, for the terminal: a line each. */
  remarks: string[];
}
