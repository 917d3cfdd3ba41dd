import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findBackupAt } from '../../backup/backup-at.ts';
import { parseBackupName } from '../../backup/backup-name.ts';
import { fetchNewestBackup, type Fetched } from '../../backup/fetch.ts';
import { openOffsite } from '../../backup/open-offsite.ts';
import type { Rclone } from '../../backup/rclone.ts';
import type { LoadedProfile } from '../../config/load-profile.ts';
import { readEnvironment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { nearby } from '../../terminal/nearby.ts';
import { say, warn } from '../say.ts';
import { withProgress } from '../with-progress.ts';
import type { Task } from './task.ts';

/** The dump that is restored, and the one to try should it be damaged. */
export interface FoundDump {
  file: string;
  older: string | null;
  /** When it was taken, where it was fetched: the next command fetches it again. */
  fetchedOf: Date | null;
}

/** Fetching from far away takes its time. */
const fetchTimeoutMs = 12 * 60 * 60_000;

/**
 * The dump that is named, the newest one from before a time, or the newest that is off-host.
 * @param places.directory in place of the profile's
 * @param places.own a private directory, for what is fetched
 * @throws OperationalError BACKUP_NOT_FOUND, PROFILE_INVALID, and what reading a remote throws
 */
export async function findDump(
  backup: NonNullable<Task['backup']>,
  { database, backups }: Pick<LoadedProfile['profile'], 'database' | 'backups'>,
  { directory, own, signal }: { directory: string | null; own: string; signal: AbortSignal },
): Promise<FoundDump> {
  if ('file' in backup) return { file: backup.file, older: null, fetchedOf: null };
  if ('offsite' in backup) {
    const limits = { timeoutMs: fetchTimeoutMs, signal };
    const rclone = openOffsite(backups, { environment: readEnvironment(), marker: own, limits });
    return fetchDump(rclone, database.name, backup.offsite.at, own);
  }
  const where = directory ?? backups?.directory;
  if (where === undefined) {
    const message = 'Nothing says where backups are: give --dir DIR, or set backups.directory in the profile.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const { chosen, passedOver, older } = await findBackupAt(where, database.name, backup.at);
  say(`looking in ${nearby(where)} for the newest backup before ${describe(backup.at)}`);
  for (const { stem, reason } of passedOver) warn(`${stem} was passed over: ${reason}.`);
  say(`it is ${basename(chosen.files.dump)}, of ${describe(chosen.takenAt)}`);
  return { file: chosen.files.dump, older: older?.files.dump ?? null, fetchedOf: null };
}

async function fetchDump(rclone: Rclone, database: string, before: Date | null, own: string): Promise<FoundDump> {
  say(`looking at ${rclone.destination} for the newest backup${before === null ? '' : ` before ${describe(before)}`}`);
  const into = join(own, 'fetched');
  await mkdir(into, { mode: 0o700 });
  const { set, passedOver } = await withProgress<{ fetchedBytes: number; totalBytes: number }, Fetched>(
    (latest) => latest && `  ${formatBytes(latest.fetchedBytes)} of ${formatBytes(latest.totalBytes)} fetched`,
    ({ report }) => fetchNewestBackup(rclone, database, into, { report, before }),
  );
  for (const { stem, reason } of passedOver) warn(`${stem} was passed over: ${reason}.`);
  if (set === null) {
    const when = before === null ? '' : ` from before ${before.toISOString()}`;
    const message = `There is no whole backup of ${database}${when} at ${rclone.destination}. npm run offsite says what is there.`;
    throw new OperationalError('BACKUP_NOT_FOUND', message);
  }
  const fetchedOf = parseBackupName(basename(set.dump), database)?.takenAt ?? null;
  say(`fetched ${basename(set.dump)}${fetchedOf === null ? '' : `, of ${describe(fetchedOf)}`}`);
  return { file: set.dump, older: null, fetchedOf };
}

/** In UTC, and as the clock of this machine shows it. */
function describe(moment: Date): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const utc = moment.toISOString().replace(/\.000Z$/, 'Z');
  if (timeZone === 'UTC') return utc;
  return `${utc}, which is ${moment.toLocaleString('sv-SE')} in ${timeZone}, the time zone of this machine`;
}
