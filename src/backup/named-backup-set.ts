import { constants, type Stats } from 'node:fs';
import { access, lstat, realpath, stat } from 'node:fs/promises';
import { OperationalError } from '../system/operational-error.ts';
import { backupSet, type BackupSet } from './backup-set.ts';

/**
 * The set of a dump that somebody names, perhaps by a link, such as `latest.dump`: what belongs to it lies beside the file itself.
 * @throws OperationalError BACKUP_NOT_FOUND where nothing can be read there, or not more than once
 */
export async function namedBackupSet(dump: string): Promise<BackupSet> {
  const problem = await findProblem(dump);
  if (problem !== null) throw new OperationalError('BACKUP_NOT_FOUND', problem);
  const set = backupSet(await realpath(dump));
  return { ...set, checksum: (await findChecksum(set)) ?? set.checksum };
}

/** Other programs put the ending behind the whole name. */
async function findChecksum({ dump, checksum }: BackupSet): Promise<string | null> {
  for (const path of [checksum, ...['.sha256', '.sha256sum', '.sha256.txt'].map((ending) => `${dump}${ending}`)]) {
    if ((await stat(path).catch(() => null))?.isFile() === true) return path;
  }
  return null;
}

async function findProblem(dump: string): Promise<string | null> {
  const found = await stat(dump).catch((error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error));
  if (typeof found === 'string') return explain(dump, found, await isLink(dump));
  if (!found.isFile() && !found.isDirectory()) {
    return `${dump} is ${nameKind(found)}, and a backup is read more than once: write it to a file, and name that with --backup.`;
  }
  const wanted = found.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK;
  const denied = await access(dump, wanted).catch((error: unknown) => (error as NodeJS.ErrnoException).code ?? '');
  return denied === undefined ? null : explain(dump, denied, false);
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isSymbolicLink() === true;
}

function explain(dump: string, code: string, link: boolean): string {
  if (code === 'ELOOP') return `${dump} is a link, and leads back to itself. Mend the path behind --backup.`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `${dump} may not be read by this account (${code}). Give it the right, or run as the one that takes backups.`;
  }
  if (dump.includes('\uFFFD')) {
    return `There is no backup at ${dump}, or its name holds bytes that are no UTF-8: name it by a link with another name.`;
  }
  const what = link ? `${dump} is a link, and leads to nothing.` : `There is no backup at ${dump}.`;
  return `${what} Mend the path behind --backup.`;
}

function nameKind(stats: Stats): string {
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}
