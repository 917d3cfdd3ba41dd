import { likelyDatabaseBytes } from '../../restore/time-limit.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';

/** What is known of the size that a restored database will have. */
export interface Sizes {
  /** Of the database when it was backed up; null where the manifest does not say it, or there is none. */
  backedUpBytes: number | null;
  /** Of the live database now; null where there is none, or it may not be asked. */
  liveBytes: number | null;
  dump: { sizeBytes: number; isPacked: boolean };
  wal: {
    /** What the server keeps at most between two checkpoints. */
    mostBytes: number;
    /** What it keeps already, and uses again. */
    presentBytes: number;
    /** Whether somebody waits for WAL (an archive that fails, a slot that nobody reads), so that all of it stays. */
    isKept: boolean;
  };
}

/** What a restore takes of the server's disk. */
export interface DiskNeed {
  databaseBytes: number;
  /** To sort what indexes are built from, and for statistics. */
  workBytes: number;
  walBytes: number;
  totalBytes: number;
}

const workShare = 0.2;

/**
 * Estimates what a restore takes. A database that was cleared by accident is smaller now than its backup, so the live one
 * alone says too little; a dump says little, too, and counts only where no manifest does better. Pure.
 */
export function estimateNeed({ backedUpBytes, liveBytes, dump, wal }: Sizes): DiskNeed {
  const databaseBytes = Math.max(liveBytes ?? 0, backedUpBytes ?? likelyDatabaseBytes(dump), dump.sizeBytes);
  const workBytes = Math.ceil(databaseBytes * workShare);
  // Whatever is written passes through the WAL.
  const walBytes = wal.isKept ? databaseBytes : Math.min(databaseBytes, Math.max(0, wal.mostBytes - wal.presentBytes));
  return { databaseBytes, workBytes, walBytes, totalBytes: databaseBytes + workBytes + walBytes };
}

/** In words. Pure. */
export function describeNeed({ databaseBytes, workBytes, walBytes, totalBytes }: DiskNeed): string {
  const parts = `${formatBytes(databaseBytes)} of tables and indexes, ${formatBytes(workBytes)} to build indexes, ${formatBytes(walBytes)} of WAL`;
  return `about ${formatBytes(totalBytes)} of the server's disk (${parts})`;
}
