import type { LedgerEnd } from './ledger/append.ts';
import type { Evidence } from './schema.ts';
import type { Timestamp } from './stamp/timestamp.ts';

/** One finished rehearsal: its evidence, and what only the run itself knows. */
export interface Outcome {
  evidence: Evidence;
  /** The directory of the evidence, below the reports. */
  directory: string;
  /** The fingerprint of the key that the evidence is signed with; null where it is not. */
  signedBy: string | null;
  timestamp: Timestamp;
  /** Where the ledger ends with it. */
  ledger: LedgerEnd;
  /** What tools printed, by file name; redacted. Written beside the evidence. */
  logs: Record<string, string>;
  /** See Contribution.kept. */
  kept: string | undefined;
}
