import { basename } from 'node:path';
import { findBackupAt } from '../../backup/backup-at.ts';
import type { LoadedProfile } from '../../config/load-profile.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';
import { say, warn } from '../say.ts';
import type { Task } from './task.ts';

/** The dump that is restored, and the one to try should it be damaged. */
export interface FoundDump {
  file: string;
  older: string | null;
}

/**
 * The dump that is named, or the newest one from before a time.
 * @param directory in place of the profile's
 * @throws OperationalError BACKUP_NOT_FOUND, PROFILE_INVALID
 */
export async function findDump(
  backup: NonNullable<Task['backup']>,
  { database, backups }: Pick<LoadedProfile['profile'], 'database' | 'backups'>,
  directory: string | null,
): Promise<FoundDump> {
  if ('file' in backup) return { file: backup.file, older: null };
  const where = directory ?? backups?.directory;
  if (where === undefined) {
    const message = 'Nothing says where backups are: give --dir DIR, or set backups.directory in the profile.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const { chosen, passedOver, older } = await findBackupAt(where, database.name, backup.at);
  say(`looking in ${nearby(where)} for the newest backup before ${describe(backup.at)}`);
  for (const { stem, reason } of passedOver) warn(`${stem} was passed over: ${reason}.`);
  say(`it is ${basename(chosen.files.dump)}, of ${describe(chosen.takenAt)}`);
  return { file: chosen.files.dump, older: older?.files.dump ?? null };
}

/** In UTC, and as the clock of this machine shows it. */
function describe(moment: Date): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const utc = moment.toISOString().replace(/\.000Z$/, 'Z');
  if (timeZone === 'UTC') return utc;
  return `${utc}, which is ${moment.toLocaleString('sv-SE')} in ${timeZone}, the time zone of this machine`;
}
