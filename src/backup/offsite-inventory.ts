import { basename } from 'node:path';
import { backupParts, parseBackupName, type BackupPart } from './backup-name.ts';
import type { Rclone } from './rclone.ts';

/** A backup at the destination, as far as the names of its files say. */
export interface OffsiteBackup {
  stem: string;
  /** From the name. */
  takenAt: Date;
  /** Its files by path relative to the destination, with their sizes. A dump may be a directory, and then has several. */
  files: Map<string, number>;
}

/** Lists the backups of a database at the destination, newest first. Throws what rclone's `list` throws. */
export async function listOffsite(rclone: Rclone, database: string): Promise<OffsiteBackup[]> {
  return groupBackups(await rclone.list(database), database);
}

/** Sorts files into the backups that they belong to, newest first, and passes over all others. Pure. */
export function groupBackups(files: Map<string, number>, database: string): OffsiteBackup[] {
  const backups = new Map<string, OffsiteBackup>();
  for (const [path, sizeBytes] of files) {
    const [top = '', inside, ...deeper] = path.split('/');
    const parsed = parseBackupName(top, database);
    if (parsed === null || deeper.length > 0 || (inside !== undefined && parsed.part !== 'dump')) continue;
    const { stem, takenAt } = parsed;
    const known = backups.get(stem) ?? { stem, takenAt, files: new Map<string, number>() };
    known.files.set(path, sizeBytes);
    backups.set(stem, known);
  }
  return [...backups.values()].toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
}

/** The path of a part at the destination. Pure. */
export function pathOf({ stem }: Pick<OffsiteBackup, 'stem'>, part: BackupPart): string {
  return `${stem}${backupParts[part]}`;
}

/** The files that make up the dump at the destination: itself, or those in its directory. Pure. */
export function dumpFiles(backup: OffsiteBackup): string[] {
  const dump = pathOf(backup, 'dump');
  return [...backup.files.keys()].filter((path) => path === dump || path.startsWith(`${dump}/`));
}

/** The parts that are missing for a whole backup. Pure. */
export function missingParts(backup: OffsiteBackup): string[] {
  return (['dump', 'checksum', 'manifest'] as const)
    .filter((part) => (part === 'dump' ? dumpFiles(backup).length === 0 : !backup.files.has(pathOf(backup, part))))
    .map((part) => basename(pathOf(backup, part)));
}
