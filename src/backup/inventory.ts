import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isNamesake, parseBackupName, type BackupPart } from './backup-name.ts';
import { setOf, type BackupSet } from './backup-set.ts';
import { namedDatabase } from './named-database.ts';

/** A backup of ours in a directory, as far as the names of its files say. */
export interface StoredBackup {
  /** What its files' names have in common. */
  stem: string;
  /** From the name. */
  takenAt: Date;
  /** Where its files are, or would be. */
  files: BackupSet;
  /** The parts that are there. Without `dump` it is no backup: something that was lost, or never finished. */
  parts: Set<BackupPart>;
}

/**
 * Lists the backups of a database in a directory, newest first, by the names of their files. All other files are passed
 * over, and so are symbolic links: somebody else put them there; and so are backups of another database whose name is the same in
 * the names of files. A directory that is not there holds none.
 */
export async function listBackups(directory: string, database: string): Promise<StoredBackup[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const backups = new Map<string, StoredBackup>();
  for (const name of names) {
    const parsed = parseBackupName(name, database);
    if (parsed === null || !(await isOfItsKind(join(directory, name), parsed.part))) continue;
    const { stem, takenAt, part } = parsed;
    const known = backups.get(stem) ?? { stem, takenAt, files: setOf(join(directory, stem)), parts: new Set() };
    known.parts.add(part);
    backups.set(stem, known);
  }
  const own: StoredBackup[] = [];
  for (const backup of backups.values()) if (!(await isOfNamesake(backup, database))) own.push(backup);
  return own.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
}

async function isOfNamesake(backup: StoredBackup, database: string): Promise<boolean> {
  const named = await namedDatabase(backup.files, backup.parts);
  return named !== null && isNamesake(named, database);
}

/** Only a dump may be a directory. */
async function isOfItsKind(path: string, part: BackupPart): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isFile() === true || (part === 'dump' && stats?.isDirectory() === true);
}
