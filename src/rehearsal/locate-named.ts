import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findNamed } from '../backup/origin/find-named.ts';
import type { FetchingOptions, FoundBackup } from '../backup/origin/found.ts';
import { fetchByCommand } from '../backup/origin/from-command.ts';
import { findNewestHere } from '../backup/origin/newest-here.ts';
import type { Drill } from './drill.ts';
import { nowAndThen } from './now-and-then.ts';
import type { Say } from './step.ts';

/** The backup that a flag or the profile names: a file, the newest of several, or one that is fetched. */
export async function locateNamed(drill: Drill, text: string, say: Say): Promise<FoundBackup> {
  const { profile, profileDirectory, run } = drill;
  const { environment, directory, signal } = run;
  return findNamed(text, {
    ...(await fetching(drill, say)),
    from: profileDirectory,
    environment,
    rcloneConfig: profile.backups?.rcloneConfig,
    marker: directory,
    limits: { timeoutMs: profile.sources.within, signal },
  });
}

/** The newest dump of a directory, whichever tool wrote it. */
export async function locateNewestOf(
  drill: Drill,
  where: { directory: string; pattern: string },
): Promise<FoundBackup> {
  const { profile, run } = drill;
  return findNewestHere({ ...where, database: profile.database.name, now: run.startedAt });
}

/** What the program of the profile fetches. */
export async function locateByCommand(drill: Drill, command: readonly string[], say: Say): Promise<FoundBackup> {
  const { profile, profileDirectory: cwd, run } = drill;
  const fetch = { command, withinMs: profile.sources.within, cwd, variables: run.environment.commands };
  return fetchByCommand({ ...fetch, signal: run.signal }, await fetching(drill, say));
}

async function fetching(drill: Drill, say: Say): Promise<FetchingOptions> {
  const { profile, run, isAssumed } = drill;
  const directory = join(run.directory, 'backup');
  await mkdir(directory, { mode: 0o700 });
  // Without a profile, the backup says which database it is of.
  const database = isAssumed ? '' : profile.database.name;
  return { database, now: run.startedAt, directory, report: nowAndThen(say) };
}
