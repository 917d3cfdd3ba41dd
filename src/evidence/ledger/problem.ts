import type { BundleProblem } from '../sign/verify-bundle.ts';
import type { StampProblem } from '../stamp/verify-stamp.ts';

/** The first thing that is wrong with a directory of evidence. */
export interface LedgerProblem {
  code: LedgerProblemCode;
  message: string;
}

export type LedgerProblemCode =
  | 'LEDGER_MISSING'
  | 'LINE_CUT'
  | 'LINE_UNREADABLE'
  | 'LINE_MISSING'
  | 'LINE_MOVED'
  | 'LINE_CHANGED'
  | 'NOTE_WRONG'
  | 'HEAD_DIFFERS'
  | 'EVIDENCE_MISSING'
  | 'EVIDENCE_CHANGED'
  | 'EVIDENCE_INVALID'
  | 'EVIDENCE_ADDED'
  | 'SIGNATURE_MISSING'
  | 'BUNDLE_UNKNOWN'
  | 'BUNDLE_MISPLACED'
  | BundleProblem
  | 'STAMP_MISSING'
  | StampProblem;
