import { basename } from 'node:path';
import { parseBackupName } from '../backup/backup-name.ts';
import { date } from '../backup/others/choose-candidate.ts';
import type { Backup } from './read-backup.ts';

/**
 * When a backup was taken: what is nearest to the truth says it. `by` names that, for people. Pure.
 * @param chosenBy what was found out when it was chosen among others
 */
export function readMoment(
  { set, examination: { manifest, dump }, description: { madeAt } }: Backup,
  database: string,
  chosenBy: { takenAt: Date; by: string } | null = null,
): { takenAt: Date; by: string } {
  if (manifest !== null) return { takenAt: new Date(manifest.takenAt), by: 'the manifest' };
  const named = parseBackupName(basename(set.dump), database);
  if (named !== null) return { takenAt: named.takenAt, by: 'the name of the file' };
  if (chosenBy !== null) return chosenBy;
  const header = madeAt === null ? NaN : Date.parse(`${madeAt.replace(' ', 'T')}Z`);
  const candidate = {
    path: basename(set.dump),
    sizeBytes: dump.sizeBytes,
    changedAt: dump.changedAt,
    header: Number.isNaN(header) ? null : { database: null, madeAt: new Date(header) },
  };
  const { takenAt, by } = date(candidate, database);
  return { takenAt, by };
}
