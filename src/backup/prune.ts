import { basename } from 'node:path';
import { removeDrafts, type Sweep } from '../files/drafts.ts';
import { assessBackup, type AssessedBackup } from './assess.ts';
import type { BackupPart } from './backup-name.ts';
import { hashFile } from './checksum.ts';
import { explainDirectory } from './directory-failure.ts';
import { listBackups } from './inventory.ts';
import { readReceipt, type Receipt } from './receipt.ts';
import { removeRest, removeSet } from './remove-set.ts';
import { planRetention, type Decision, type RetentionPolicy } from './retention.ts';
import { retentionWarnings } from './retention-warnings.ts';

export interface PruneOptions {
  directory: string;
  database: string;
  policy: RetentionPolicy;
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
  /** What could not be deleted, and why. */
  failed: string[];
  /** What was removed that others had left when they were killed. */
  swept: Sweep;
}

/** Deletes the backups that the rules of retention let go. Another prune, or a backup, may run at the same time. */
export async function pruneBackups(options: PruneOptions): Promise<PruneResult> {
  const { directory, database, policy, now, dryRun } = options;
  const swept = dryRun ? { removed: [], failed: [] } : await removeDrafts(directory);
  const stored = await listBackups(directory, database).catch((error: unknown) => {
    throw explainDirectory(error, directory);
  });
  const assessed = await Promise.all(stored.map((backup) => assessBackup(backup, database)));
  const left = await filterLeft(assessed, policy);
  const decisions = planRetention(assessed, policy, now).map((decision) =>
    left.has(decision.backup) ? finishing(decision) : decision,
  );
  const warnings = retentionWarnings(assessed, policy, now);
  const result: PruneResult = { decisions, warnings, freedBytes: 0, failed: [], swept };
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

function finishing({ backup }: Decision<AssessedBackup>): Decision<AssessedBackup> {
  return { backup, action: 'prune', reason: 'its dump is gone already, and all of it was copied off-host' };
}

async function finish({ files }: AssessedBackup): Promise<true> {
  await removeRest(files);
  return true;
}
