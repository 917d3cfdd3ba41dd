import { basename } from 'node:path';
import { OperationalError } from '../system/operational-error.ts';
import { isAlone } from './alone.ts';
import { assessBackup } from './assess.ts';
import type { PassedOver } from './choose-backup.ts';
import { listBackups, type StoredBackup } from './inventory.ts';

/** The backup that was the newest at a time. */
export interface BackupAt {
  chosen: StoredBackup;
  /** Newer ones, from before that time, that are not whole. */
  passedOver: PassedOver[];
  /** The next older one, should the bytes of the chosen one turn out to be damaged; null where there is none. */
  older: StoredBackup | null;
}

/**
 * Finds the newest whole backup of a database from before a time, or of that very second, by the names of the files and what
 * their manifests say. The bytes of a dump are looked at when it is read.
 * @throws OperationalError BACKUP_NOT_FOUND, with those that there are
 */
export async function findBackupAt(directory: string, database: string, at: Date): Promise<BackupAt> {
  const backups = await listBackups(directory, database);
  const before = backups.filter(({ takenAt }) => takenAt <= at);
  const haveManifests = backups.some(({ parts }) => parts.has('dump') && parts.has('manifest'));
  const passedOver: PassedOver[] = [];
  for (const [place, backup] of before.entries()) {
    const reason = await whyNot(backup, database, haveManifests);
    if (reason === null) return { chosen: backup, passedOver, older: before[place + 1] ?? null };
    passedOver.push({ stem: backup.stem, reason });
  }
  throw notFound(directory, at, backups, passedOver);
}

/** Where none has a manifest, they are somebody else's, who writes none. */
async function whyNot(backup: StoredBackup, database: string, haveManifests: boolean): Promise<string | null> {
  if (!backup.parts.has('dump')) return 'it has no dump';
  return haveManifests && !isAlone(backup.parts) ? (await assessBackup(backup, database)).problem : null;
}

const shown = 5;

function notFound(directory: string, at: Date, backups: StoredBackup[], passedOver: PassedOver[]): OperationalError {
  const broken = passedOver.map(({ stem, reason }) => ` ${stem} was passed over: ${reason}.`).join('');
  const others = backups.filter(({ stem }) => passedOver.every((each) => each.stem !== stem)).toReversed();
  const names = others.slice(0, shown).map(({ files }) => basename(files.dump));
  const more = others.length > shown ? `, and ${others.length - shown} newer ones` : '';
  const there =
    others.length === 0
      ? `${directory} holds no other of this database.`
      : `Newer ones are, the oldest first: ${names.join(', ')}${more}.`;
  const message = `No whole backup in ${directory} is from before ${at.toISOString()}.${broken} ${there}`;
  return new OperationalError('BACKUP_NOT_FOUND', message);
}
