import type { Outcome } from '../outcome.ts';
import type { Evidence, Verdict } from '../schema.ts';

/** Who learns how a run ended, and in which form. */
export type Sink = FileSink | RunSink;

/** A file in the directory of the evidence, which appears whole or not at all. */
export interface FileSink {
  file: string;
  /**
   * Pure.
   * @param signedBy the fingerprint of the key that the evidence is signed with; null where it is not
   */
  render: (evidence: Evidence, signedBy: string | null) => string;
}

/** Publishes a finished run, whose evidence has been written. */
export interface RunSink {
  publish: (run: FinishedRun) => Promise<void> | void;
}

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
}
