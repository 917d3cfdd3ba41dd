import { rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { draftPath } from '../system/drafts.ts';
import { syncDirectory } from '../system/durable.ts';
import type { BackupPart } from './backup-name.ts';
import type { BackupSet } from './backup-set.ts';

/** The receipt goes last: as long as it is there, it says that what is left may go. */
const rest: BackupPart[] = ['manifest', 'checksum', 'globals', 'receipt'];

/**
 * Deletes a backup. The dump, without which nothing is taken for a backup, loses its name first and at once; who still
 * reads it can go on. Needs no space on the disk. What a kill leaves is a draft, and parts that `removeRest` takes.
 * @returns false where it has been deleted meanwhile
 */
export async function removeSet(set: BackupSet): Promise<boolean> {
  const draft = await draftPath(dirname(set.dump), basename(set.dump));
  try {
    await rename(set.dump, draft);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  // A power cut must not bring the dump back alone.
  await syncDirectory(dirname(set.dump));
  await removeRest(set);
  await rm(draft, { recursive: true, force: true });
  return true;
}

/** Deletes the files beside the dump. */
export async function removeRest(set: BackupSet): Promise<void> {
  for (const part of rest) await rm(set[part], { force: true });
}
