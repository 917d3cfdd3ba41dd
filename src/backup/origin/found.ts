import type { BackupSet } from '../backup-set.ts';
import type { PassedOver } from '../choose-backup.ts';

/** What came of looking for a backup where somebody has said. */
export interface FoundBackup {
  /** null where there is none that could be taken. */
  set: BackupSet | null;
  /** For people: the directory, the remote, the address; without anything secret. */
  from: string;
  candidates: number;
  passedOver: PassedOver[];
  /** When it was taken, where names or headers were compared to find that out. */
  moment: { takenAt: Date; by: string } | null;
  /** The tool that names files in this way. */
  tool: string | null;
}

/** What is needed to fetch a backup. */
export interface FetchingOptions {
  database: string;
  now: Date;
  /** A private one, for what is fetched. */
  directory: string;
  report: (text: string) => void;
}
