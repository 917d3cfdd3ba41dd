import { basename } from 'node:path';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { removeDrafts, type Sweep } from '../system/drafts.ts';
import { OperationalError } from '../system/operational-error.ts';
import { assessBackup, type AssessedBackup } from './assess.ts';
import type { BackupPart } from './backup-name.ts';
import { hashFile } from './checksum.ts';
import { explainDirectoryError } from './directory-errors.ts';
import { listBackups } from './inventory.ts';
import { readReceipt, type Receipt } from './receipt.ts';
import { removeRest, removeSet } from './remove-set.ts';
import { findDoubts, type CopyDoubt } from './look-at-copies.ts';
import type { Rclone } from './rclone.ts';
import { planRetention, type Decision, type RetentionPolicy } from './retention.ts';
import { retentionWarnings } from './retention-warnings.ts';

export interface PruneOptions {
  directory: string;
  database: string;
  policy: RetentionPolicy;
  /** Leads to the policy's destination; null where it has none. */
  rclone: Rclone | null;
  now: Date;
  /** Changes nothing. */
  dryRun: boolean;
}

/** What was done, or would be. */
export interface PruneResult {
  /** Newest first. */
  decisions: Decision<AssessedBackup>[];
  warnings: string[];
  /** Bytes of all files that went, or would go. */
  freedBytes: number;
  /** Copies off-host that are not what their receipts say, or could not be looked at. */
  doubts: string[];
  /** What could not be deleted, and why. */
  failed: string[];
  /** What was removed that others had left when they were killed. */
  swept: Sweep;
}

/**
 * Deletes the backups that the rules of retention let go. The copies off-host that this relies on are looked at beforehand:
 * they may have gone since their receipts were written. Another prune, or a backup, may run at the same time.
 */
export async function pruneBackups(options: PruneOptions): Promise<PruneResult> {
  const { directory, database, policy, now, dryRun } = options;
  const swept = dryRun ? { removed: [], failed: [] } : await removeDrafts(directory);
  const stored = await listBackups(directory, database).catch((error: unknown) => {
    throw explainDirectoryError(error, directory);
  });
  const assessed = await Promise.all(stored.map((backup) => assessBackup(backup, database)));
  const left = await filterLeft(assessed, policy);
  const doubts = await lookAtCopies(relyingOn(assessed, left, options), options);
  const decisions = plan(assessed, left, options);
  const warnings = retentionWarnings(assessed, policy, now);
  const result: PruneResult = { decisions, warnings, freedBytes: 0, doubts, failed: [], swept };
  for (const { backup, action } of decisions) {
    if (action === 'keep') continue;
    try {
      const isGone = dryRun || (left.has(backup) ? await finish(backup) : await removeSet(backup.files));
      if (isGone) result.freedBytes += backup.sizeBytes;
    } catch (error) {
      result.failed.push(`${backup.stem} could not be deleted: ${(error as Error).message}`);
    }
  }
  return result;
}

function plan(assessed: AssessedBackup[], left: Set<AssessedBackup>, { policy, now }: PruneOptions) {
  return planRetention(assessed, policy, now).map((decision) =>
    left.has(decision.backup) ? finishing(decision) : decision,
  );
}

/** The backups whose copies are the reason that something may go: that of a duplicate is one of the original, too. */
function relyingOn(assessed: AssessedBackup[], left: Set<AssessedBackup>, options: PruneOptions): AssessedBackup[] {
  const going = plan(assessed, left, options).filter(({ action }) => action === 'prune');
  const dumps = new Set(going.map(({ backup }) => backup.sha256));
  const { destination } = options.policy;
  return assessed.filter(
    (backup) =>
      left.has(backup) || (dumps.has(backup.sha256) && backup.copiedTo === destination && destination !== null),
  );
}

/** Notes what is wrong with copies in the backups. @returns the same in words */
async function lookAtCopies(backups: AssessedBackup[], options: PruneOptions): Promise<string[]> {
  const { rclone, database, directory, dryRun } = options;
  if (backups.length === 0 || rclone === null) return [];
  try {
    const doubts = await findDoubts(rclone, database, directory, backups);
    for (const [backup, doubt] of doubts) {
      backup.copyDoubt = doubt;
      // It proves nothing any more, and must not keep npm run offsite from copying it again.
      if (doubt.isLost && !dryRun && backup.parts.has('dump')) await rm(backup.files.receipt, { force: true });
    }
    const mine = [...doubts].filter(([backup]) => isStillHere(backup));
    return mine.map(
      ([{ stem, parts }, doubt]) => `${stem} is kept: ${describe(doubt, parts.has('dump'), options.policy)}`,
    );
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code === 'INTERRUPTED') throw error;
    for (const backup of backups)
      backup.copyDoubt = { what: 'its copy off-host could not be looked at', isLost: false };
    return [`Nothing is deleted, for no copy could be looked at. ${error.message}`];
  }
}

/** Another prune may have deleted it meanwhile: then nothing is kept, and nothing to be said. */
function isStillHere({ parts, files }: AssessedBackup): boolean {
  return existsSync(parts.has('dump') ? files.dump : files.receipt) || existsSync(files.manifest);
}

function describe({ what, isLost }: CopyDoubt, isHere: boolean, { commands }: RetentionPolicy): string {
  if (!isLost) return `${what}.`;
  return isHere
    ? `${what}. See what removes or changes files there (a lifecycle rule?), and copy it again: ${commands.offsite}`
    : `${what}. Nothing is left of its dump here, either: look for it elsewhere, and find out what changes files there.`;
}

/** What is left of backups whose pruning was killed: the dump is gone, and each file that is there is proven to be off-host. */
async function filterLeft(backups: AssessedBackup[], policy: RetentionPolicy): Promise<Set<AssessedBackup>> {
  const left = new Set<AssessedBackup>();
  for (const backup of backups) if (await isLeft(backup, policy)) left.add(backup);
  return left;
}

async function isLeft({ parts, files }: AssessedBackup, { destination }: RetentionPolicy): Promise<boolean> {
  if (parts.has('dump') || !parts.has('receipt')) return false;
  const receipt = await readReceipt(files.receipt);
  if (receipt === null || receipt.destination !== destination) return false;
  const rest = (['manifest', 'checksum', 'globals'] satisfies BackupPart[]).filter((part) => parts.has(part));
  const proven = await Promise.all(rest.map((part) => isProven(files[part], receipt)));
  return !proven.includes(false);
}

async function isProven(path: string, { files }: Receipt): Promise<boolean> {
  try {
    const { sha256 } = await hashFile(path);
    return files.some((file) => file.name === basename(path) && file.sha256 === sha256);
  } catch (error) {
    // Another prune is at it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function finishing({ backup, ...decision }: Decision<AssessedBackup>): Decision<AssessedBackup> {
  if (backup.copyDoubt !== undefined) return { backup, ...decision, reason: backup.copyDoubt.what };
  return { backup, action: 'prune', reason: 'its dump is gone already, and all of it was copied off-host' };
}

async function finish({ files }: AssessedBackup): Promise<true> {
  await removeRest(files);
  return true;
}
