import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { backupSet, type BackupSet } from '../backup/backup-set.ts';
import { chooseBackup, type PassedOver } from '../backup/choose-backup.ts';
import { listBackups } from '../backup/inventory.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import { openUrl } from '../source/url-source.ts';
import type { Drill } from './drill.ts';
import { toolLimits } from './limits.ts';
import type { Say } from './step.ts';

/** Where the backup that is rehearsed comes from, and what else there was. */
export interface Located {
  /** null where there is none. */
  set: BackupSet | null;
  /** In words, for people: the directory, the remote, the server. */
  from: string;
  candidates: number;
  passedOver: PassedOver[];
}

/**
 * Finds the backup that flags or the profile ask for: a file, a copy that is off-host, a live database that is dumped for it,
 * or the newest one of the profile's directory.
 * @throws RehearsalError BACKUP_NOT_FOUND, PROFILE_INVALID, and what reading a source or a remote throws
 */
export async function locateBackup(drill: Drill, say: Say): Promise<Located> {
  const { backup, source } = drill.choices;
  if (backup !== null) return locateFile(backup);
  if (source !== null) return dumpSource(drill, source, say);
  return locateNewest(drill);
}

function locateFile(file: string): Located {
  if (!existsSync(file)) {
    throw new RehearsalError('BACKUP_NOT_FOUND', `There is no backup at ${file}. Mend the path behind --backup.`);
  }
  return { set: backupSet(file), from: file, candidates: 1, passedOver: [] };
}

async function dumpSource(drill: Drill, url: string, say: Say): Promise<Located> {
  const { profile, environment, directory } = drill;
  const source = await drill.use('source', await openUrl(url, environment, directory));
  drill.secrets.push(...source.secrets);
  assertOfProfile(source.connection.database, profile.database.name);
  say(`dumping ${source.description}`);
  const into = join(directory, 'backup');
  await mkdir(into, { mode: 0o700 });
  const { set } = await takeBackup(source, {
    directory: into,
    ownership: profile.ownership,
    format: 'custom',
    compression: undefined,
    limits: toolLimits(drill),
    report: ({ table }) => {
      if (table !== null) say(`dumping ${table}`);
    },
  });
  await source[Symbol.asyncDispose]();
  return { set, from: source.description, candidates: 1, passedOver: [] };
}

function assertOfProfile(database: string, wanted: string): void {
  if (database === wanted) return;
  const message = `--source names the database ${database}, and the profile is for ${wanted}: name the same, or another profile with --config.`;
  throw new RehearsalError('BAD_USAGE', message);
}

async function locateNewest({ profile, profileDirectory, startedAt }: Drill): Promise<Located> {
  const directory = profile.backups?.directory;
  if (directory === undefined) {
    const message =
      'Nothing says where backups are: set backups.directory in the profile, or name one with --backup FILE.';
    throw new RehearsalError('PROFILE_INVALID', message);
  }
  const backups = await listBackups(directory, profile.database.name);
  const { chosen, passedOver } = chooseBackup(backups, startedAt);
  return {
    set: chosen?.files ?? null,
    from: relative(profileDirectory, directory) || '.',
    candidates: backups.length,
    passedOver,
  };
}
