import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEnvironment } from '../system/environment.ts';
import { draftPath, hasLiveDraft, removeDrafts } from '../system/drafts.ts';
import { endProcessesOf } from '../system/marked.ts';
import { OperationalError } from '../system/operational-error.ts';
import { assessBackup, type AssessedBackup } from './assess.ts';
import { copySet, NotCopied, type CopyProgress } from './copy-set.ts';
import { explainDirectoryError } from './directory-errors.ts';
import { listBackups, type StoredBackup } from './inventory.ts';
import { listOffsite, type OffsiteBackup } from './offsite-inventory.ts';
import type { Rclone } from './rclone.ts';
import { readReceipt } from './receipt.ts';

export interface OffsiteOptions {
  directory: string;
  database: string;
  /** Started with `offsiteMarker`, so that what a killed run left can be ended. */
  rclone: Rclone;
  /** Gets the outcome of each backup as soon as it is known. */
  onOutcome?: (outcome: CopyOutcome) => void;
  report?: (progress: CopyProgress) => void;
}

/** What became of a backup. */
export interface CopyOutcome {
  stem: string;
  /**
   * `was-copied`: a receipt says so, and the files are still there. `passed-over`: it is no whole backup. `failed`: it is
   * not proven to be off-host.
   */
  state: 'copied' | 'was-copied' | 'passed-over' | 'failed';
  /** Why it was passed over or failed, and what to do. */
  reason: string | null;
  /** Bytes of its files that were sent; what was there already is not sent again. */
  sentBytes: number;
}

/** What marks the programs that copy the backups of a directory. Nothing of that name is ever there. Pure. */
export function offsiteMarker(directory: string): string {
  return join(directory, '.offsite');
}

/**
 * Copies every whole backup that is not proven to be off-host, the newest first, and proves it: each file is read back
 * and hashed, and a receipt says so. What cannot be copied does not keep the others from it.
 * @throws OperationalError DISK_FULL, BACKUP_NOT_WRITTEN, OFFSITE_BUSY where another process of this machine is at it, and what rclone's `list` throws
 */
export async function copyOffsite(options: OffsiteOptions): Promise<CopyOutcome[]> {
  const { directory, database } = options;
  try {
    const stored = await listBackups(directory, database);
    if (stored.length === 0) return [];
    await removeDrafts(directory);
    return await inTurn(directory, () => copyAll(stored, options));
  } catch (error) {
    throw explainDirectoryError(error, directory);
  }
}

async function copyAll(stored: StoredBackup[], { database, rclone, onOutcome, report }: OffsiteOptions) {
  const there = new Map((await listOffsite(rclone, database)).map((backup) => [backup.stem, backup]));
  const outcomes: CopyOutcome[] = [];
  for (const each of stored) {
    const backup = await assessBackup(each, database);
    const outcome = await copyOne(backup, there.get(backup.stem), rclone, report);
    outcomes.push(outcome);
    onOutcome?.(outcome);
  }
  return outcomes;
}

async function copyOne(
  backup: AssessedBackup,
  there: OffsiteBackup | undefined,
  rclone: Rclone,
  report: OffsiteOptions['report'],
): Promise<CopyOutcome> {
  const { stem, problem } = backup;
  if (problem !== null) return { stem, state: 'passed-over', reason: problem, sentBytes: 0 };
  if (backup.copiedTo === rclone.destination) {
    if (await isStillThere(backup, there)) return { stem, state: 'was-copied', reason: null, sentBytes: 0 };
    // It proves nothing any more, and must not let the backup be pruned.
    await rm(backup.files.receipt, { force: true });
  }
  try {
    return { stem, state: 'copied', reason: null, sentBytes: await copySet(backup, there, rclone, report) };
  } catch (error) {
    const isItsOwn =
      error instanceof NotCopied || (error instanceof OperationalError && error.code === 'OFFSITE_FAILED');
    if (isItsOwn) return { stem, state: 'failed', reason: error.message, sentBytes: 0 };
    throw error;
  }
}

/** Whether all files of the receipt are listed at the destination, with their sizes. They are not read again. */
async function isStillThere({ files }: AssessedBackup, there: OffsiteBackup | undefined): Promise<boolean> {
  const receipt = await readReceipt(files.receipt);
  return receipt?.files.every(({ name, bytes }) => there?.files.get(name) === bytes) === true;
}

/** Two that send the same file at once would spoil it for each other, after one has written its receipt perhaps. */
async function inTurn<T>(directory: string, body: () => Promise<T>): Promise<T> {
  const turn = await draftPath(directory, 'offsite');
  await writeFile(turn, '', { flag: 'wx', mode: 0o600 });
  try {
    if (!(await hasLiveDraft(directory, 'offsite', turn))) {
      // A killed one may have left an rclone that is still sending.
      await endProcessesOf(offsiteMarker(directory), readEnvironment().path);
      return await body();
    }
    const message = `Backups in ${directory} are being copied off-host already. Start again when that has ended.`;
    throw new OperationalError('OFFSITE_BUSY', message);
  } finally {
    await rm(turn, { force: true });
  }
}
