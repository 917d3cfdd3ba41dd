import { link, lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../system/durable.ts';
import { backupParts, type BackupPart } from './backup-name.ts';
import type { BackupSet } from './backup-set.ts';

/** The dump comes last: who sees it finds all that belongs to it. */
const order: BackupPart[] = ['globals', 'checksum', 'manifest', 'dump'];

/**
 * Gives the files of a backup their names, each at once. Nothing is ever overwritten.
 * @returns false where one of the names is taken; none of the given files is there then
 */
export async function publishSet(drafts: BackupSet, set: BackupSet): Promise<boolean> {
  const there = await Promise.all((Object.keys(backupParts) as BackupPart[]).map((part) => exists(set[part])));
  if (there.includes(true)) return false;
  const published: string[] = [];
  try {
    for (const part of order) {
      if (!(await exists(drafts[part]))) continue;
      // After a power cut, too, nobody finds a dump without the rest.
      if (part === 'dump') await syncDirectory(dirname(set.dump));
      await publish(drafts[part], set[part]);
      published.push(set[part]);
    }
    await syncDirectory(dirname(set.dump));
    return true;
  } catch (error) {
    // The dump goes first, as it came last.
    for (const path of published.toReversed()) await rm(path, { recursive: true, force: true });
    throw error;
  }
}

async function publish(draft: string, path: string): Promise<void> {
  // A directory can neither be linked nor renamed onto one that holds files.
  if ((await lstat(draft)).isDirectory()) return rename(draft, path);
  try {
    await link(draft, path);
  } catch (error) {
    // Some file systems have no hard links; there, only the check beforehand keeps others' files from being replaced.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await rename(draft, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
