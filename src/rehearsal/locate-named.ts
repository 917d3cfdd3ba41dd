import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findNamed } from '../backup/origin/find-named.ts';
import type { FetchingOptions } from '../backup/origin/found.ts';
import { fetchByCommand } from '../backup/origin/from-command.ts';
import { findNewestHere } from '../backup/origin/newest-here.ts';
import type { Drill } from './drill.ts';
import type { Located } from './locate-backup.ts';
import { nowAndThen } from './now-and-then.ts';
import type { Say } from './step.ts';

/** The backup that a flag or the profile names: a file, the newest of several, or one that is fetched. */
export async function locateNamed(drill: Drill, text: string, say: Say): Promise<Located> {
  const { profile, profileDirectory, run } = drill;
  const { environment, directory, signal } = run;
  const found = await findNamed(text, {
    ...(await fetching(drill, say)),
    from: profileDirectory,
    environment,
    rcloneConfig: profile.backups?.rcloneConfig,
    marker: directory,
    limits: { timeoutMs: profile.sources.within, signal },
  });
  return { ...found, others: [], isAnyName: true };
}

/** The newest dump of a directory, whichever tool wrote it. */
export async function locateNewestOf(drill: Drill, where: { directory: string; pattern: string }): Promise<Located> {
  const { profile, run } = drill;
  const found = await findNewestHere({ ...where, database: profile.database.name, now: run.startedAt });
  return { ...found, others: [], isAnyName: true };
}

/** What the program of the profile fetches. */
export async function locateByCommand(drill: Drill, command: readonly string[], say: Say): Promise<Located> {
  const { profile, profileDirectory: cwd, run } = drill;
  const fetch = { command, withinMs: profile.sources.within, cwd, variables: run.environment.commands };
  const found = await fetchByCommand({ ...fetch, signal: run.signal }, await fetching(drill, say));
  return { ...found, others: [], isAnyName: true };
}

async function fetching({ profile, run }: Drill, say: Say): Promise<FetchingOptions> {
  const directory = join(run.directory, 'backup');
  await mkdir(directory, { mode: 0o700 });
  return { database: profile.database.name, now: run.startedAt, directory, report: nowAndThen(say) };
}
