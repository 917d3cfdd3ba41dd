import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listOthers } from '../../backup/list-others.ts';
import { parseBackupName } from '../../backup/backup-name.ts';
import type { DumpsFact } from '../facts.ts';
import { nearbyIn } from './nearby-in.ts';
import { databaseOfDumpName, isDumpName } from './dump-names.ts';

/** Where backups often are, below a project. */
const usual = [
  'backups',
  'backup',
  'dumps',
  'dump',
  'pgbackups',
  'db-backups',
  'db_backups',
  'postgres-backups',
  'db/backups',
  'data/backups',
  'var/backups',
];

/** The first of the usual directories that holds a dump. */
export async function findDumps(project: string): Promise<DumpsFact | null> {
  for (const name of usual) {
    const found = await lookAtDumps(project, join(project, name)).catch(() => null);
    if (found !== null) return found;
  }
  return null;
}

/**
 * The dumps of a directory, by their names; of those that are alike in nothing, the newest counts.
 * @returns null where it holds none, or is not there
 */
export async function lookAtDumps(project: string, directory: string): Promise<DumpsFact | null> {
  const files = ((await listOthers(directory)) ?? []).filter((path) => isDumpName(basename(path)));
  const newest = await newestOf(directory, files);
  if (newest === null) return null;
  // Where all our own files lie, folders of others are not asked.
  const folder = await ownFolder(directory, files);
  const databases = [...new Set(files.map((path) => databaseOfDumpName(basename(path))))].filter(
    (name) => name !== null,
  );
  const shown = nearbyIn(project, folder);
  return {
    directory: shown,
    from: `${shown}/ (${files.length} ${files.length === 1 ? 'dump' : 'dumps'})`,
    databases,
    files: files.length,
    newest: join(directory, newest),
    ownNames:
      databases.length === 1 && files.every((path) => parseBackupName(basename(path), databases[0] ?? '') !== null),
  };
}

/** `backups/local` where all dumps are there. */
async function ownFolder(directory: string, files: string[]): Promise<string> {
  const [folder] = files.map((path) => path.split('/').slice(0, -1).join('/'));
  const isOne = folder !== undefined && files.every((path) => path.startsWith(`${folder}/`));
  const there = isOne ? await readdir(join(directory, folder)).catch(() => []) : [];
  return there.length === 0 ? directory : join(directory, folder ?? '');
}

async function newestOf(directory: string, files: string[]): Promise<string | null> {
  let newest: { path: string; time: number } | null = null;
  for (const path of files) {
    const stats = await lstat(join(directory, path)).catch(() => null);
    if (stats === null || stats.isSymbolicLink()) continue;
    if (newest === null || stats.mtimeMs > newest.time) newest = { path, time: stats.mtimeMs };
  }
  return newest?.path ?? null;
}
