import { typed } from '../../terminal/suggest.ts';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findBackupAt } from '../../backup/backup-at.ts';
import { parseBackupName } from '../../backup/backup-name.ts';
import { fetchNewestBackup, type Fetched } from '../../backup/fetch.ts';
import { findNamed } from '../../backup/origin/find-named.ts';
import { parseOrigin, showAddress } from '../../backup/origin/origin.ts';
import type { FoundBackup } from '../../backup/origin/found.ts';
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
  /** What named it, where that is no file of this machine, without anything secret. */
  named: string | null;
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
  { database, backups, sources }: PlacesOfProfile,
  { directory, own, signal }: { directory: string | null; own: string; signal: AbortSignal },
): Promise<FoundDump> {
  if ('named' in backup) return findNamedDump(backup.named, { database, backups, sources }, { own, signal });
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
  return { file: chosen.files.dump, older: older?.files.dump ?? null, fetchedOf: null, named: null };
}

type PlacesOfProfile = Pick<LoadedProfile['profile'], 'database' | 'backups' | 'sources'>;

/** What is named may lie elsewhere; in an incident as in a drill. */
async function findNamedDump(
  text: string,
  { database, backups, sources }: PlacesOfProfile,
  { own, signal }: { own: string; signal: AbortSignal },
): Promise<FoundDump> {
  const origin = parseOrigin(text, own);
  if (origin.kind === 'file') return { file: origin.file, older: null, fetchedOf: null, named: null };
  const directory = join(own, 'fetched');
  await mkdir(directory, { mode: 0o700 });
  const { set, from, passedOver, moment } = await withProgress<string, FoundBackup>(
    (latest) => latest && `  ${latest}`,
    ({ report }) =>
      findNamed(text, {
        ...{ database: database.name, now: new Date(), directory, report, from: directory },
        ...{ environment: readEnvironment(), rcloneConfig: backups?.rcloneConfig, marker: own },
        limits: { timeoutMs: sources.within, signal },
      }),
  );
  for (const { stem, reason, isOther } of passedOver) if (isOther !== true) warn(`${stem} was passed over: ${reason}.`);
  if (set === null) {
    throw new OperationalError('BACKUP_NOT_FOUND', `There is no backup of ${database.name} in ${from}.`);
  }
  say(`it is ${basename(set.dump)}${moment === null ? '' : `, of ${describe(moment.takenAt)}`}, from ${from}`);
  const named = origin.kind === 'web' ? showAddress(origin.address) : text;
  return { file: set.dump, older: null, fetchedOf: null, named: origin.kind === 'newest' ? null : named };
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
    const message = `There is no whole backup of ${database}${when} at ${rclone.destination}. ${typed('offsite')} says what is there.`;
    throw new OperationalError('BACKUP_NOT_FOUND', message);
  }
  const fetchedOf = parseBackupName(basename(set.dump), database)?.takenAt ?? null;
  say(`fetched ${basename(set.dump)}${fetchedOf === null ? '' : `, of ${describe(fetchedOf)}`}`);
  return { file: set.dump, older: null, fetchedOf, named: null };
}

/** In UTC, and as the clock of this machine shows it. */
function describe(moment: Date): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const utc = moment.toISOString().replace(/\.000Z$/, 'Z');
  if (timeZone === 'UTC') return utc;
  return `${utc}, which is ${moment.toLocaleString('sv-SE')} in ${timeZone}, the time zone of this machine`;
}
