import { basename } from 'node:path';
import { parseBackupName } from '../backup/backup-name.ts';
import type { Backup } from './read-backup.ts';

/** When a backup was taken: what is nearest to the truth says it. `by` names that, for people. Pure. */
export function readMoment(
  { set, examination: { manifest, dump }, description: { madeAt } }: Backup,
  database: string,
): { takenAt: Date; by: string } {
  if (manifest !== null) return { takenAt: new Date(manifest.takenAt), by: 'the manifest' };
  const named = parseBackupName(basename(set.dump), database);
  if (named !== null) return { takenAt: named.takenAt, by: 'the name of the file' };
  if (madeAt !== null) {
    const takenAt = new Date(`${madeAt.replace(' ', 'T')}Z`);
    if (!Number.isNaN(takenAt.getTime())) return { takenAt, by: 'the archive, its time taken for UTC' };
  }
  return { takenAt: dump.changedAt, by: 'the last change of the file' };
}
