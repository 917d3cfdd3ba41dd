import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isAlone } from '../backup/alone.ts';
import { chooseBackup } from '../backup/choose-backup.ts';
import { fetchNewestBackup } from '../backup/fetch.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import { listBackups } from '../backup/inventory.ts';
import { anyFile } from '../backup/others/find-candidates.ts';
import { listOthers } from '../backup/list-others.ts';
import type { FoundBackup } from '../backup/origin/found.ts';
import { openOffsite } from '../backup/open-offsite.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { OperationalError } from '../system/operational-error.ts';
import { openUrl } from '../source/url-source.ts';
import type { Drill } from './drill.ts';
import { toolLimits } from './limits.ts';
import { locateByCommand, locateNamed, locateNewestOf } from './locate-named.ts';
import { nowAndThen } from './now-and-then.ts';
import type { Say } from './step.ts';

/** Where the backup that is rehearsed comes from, and what else there was. */
export interface Located extends FoundBackup {
  /** Files in the directory that are none of our backups, by path; null where there is no such directory. */
  others: string[] | null;
  /** Whether names of any kind were looked for, not those of our own backups alone. */
  isAnyName?: boolean;
  /** Whether a person took it, beside backups that have manifests. */
  isWithoutManifest?: boolean;
}

/**
 * Finds the backup that flags or the profile ask for: a file or another place, a copy that is off-host, a live database that is dumped for it,
 * or the newest one of the profile's directory.
 * @throws OperationalError BACKUP_NOT_FOUND, PROFILE_INVALID, and what reading a source or a remote throws
 */
export async function locateBackup(drill: Drill, say: Say): Promise<Located> {
  const { backup, newestIn, source, fromOffsite } = drill.choices;
  const { sources, backups } = drill.profile;
  if (backup !== null) return ofAnyName(locateNamed(drill, backup, say));
  if (newestIn !== null) return ofAnyName(locateNewestOf(drill, { directory: newestIn, pattern: anyFile }));
  if (source !== null) return dumpSource(drill, source, say);
  if (fromOffsite) return fetchOffsite(drill, say);
  if (sources.fetch !== undefined) return ofAnyName(locateByCommand(drill, sources.fetch, say));
  if (sources.backup !== undefined) return ofAnyName(locateNamed(drill, sources.backup, say));
  if (backups?.pattern !== undefined) {
    return ofAnyName(locateNewestOf(drill, { directory: backups.directory, pattern: backups.pattern }));
  }
  return locateNewest(drill);
}

async function ofAnyName(found: Promise<FoundBackup>): Promise<Located> {
  return { ...(await found), others: [], isAnyName: true };
}

async function dumpSource(drill: Drill, url: string, say: Say): Promise<Located> {
  const { profile, run } = drill;
  const { environment, directory } = run;
  const source = await run.use('source', await openUrl(url, environment, directory));
  run.secrets.push(...source.secrets);
  assertOfProfile(source.connection.database, profile.database.name);
  say(`dumping ${source.description}`);
  const sayNow = nowAndThen(say);
  const into = join(directory, 'backup');
  await mkdir(into, { mode: 0o700 });
  const { set } = await takeBackup(source, {
    directory: into,
    ownership: profile.ownership,
    viewsWithinMs: profile.materializedViews.withinMs,
    format: 'custom',
    compression: undefined,
    limits: toolLimits(drill),
    report: ({ table }) => {
      if (table !== null) sayNow(`dumping ${table}`);
    },
  });
  await source[Symbol.asyncDispose]();
  return { set, from: source.description, candidates: 1, passedOver: [], others: [], tool: null, moment: null };
}

/** What will be left after a fire: nothing of the backups on this machine plays a part. */
async function fetchOffsite({ profile, run }: Drill, say: Say): Promise<Located> {
  const { environment, directory, signal } = run;
  const limits = { timeoutMs: fetchTimeoutMs, signal };
  const rclone = openOffsite(profile.backups, { environment, marker: directory, limits });
  const into = join(directory, 'backup');
  await mkdir(into, { mode: 0o700 });
  say(`looking at ${rclone.destination}`);
  const sayNow = nowAndThen(say);
  const { set, passedOver } = await fetchNewestBackup(rclone, profile.database.name, into, {
    report: ({ stem, fetchedBytes, totalBytes }) => {
      sayNow(`fetching ${stem}: ${formatBytes(fetchedBytes)} of ${formatBytes(totalBytes)}`);
    },
  });
  const candidates = passedOver.length + (set === null ? 0 : 1);
  return { set, from: rclone.destination, candidates, passedOver, others: [], tool: null, moment: null };
}

/** Fetching from far away takes its time, and a rehearsal has no end of its own. */
const fetchTimeoutMs = 12 * 60 * 60_000;

function assertOfProfile(database: string, wanted: string): void {
  if (database === wanted) return;
  const message = `--source names the database ${database}, and the profile is for ${wanted}: name the same, or another profile with --config.`;
  throw new OperationalError('BAD_USAGE', message);
}

async function locateNewest({ profile, profileDirectory, run }: Drill): Promise<Located> {
  const directory = profile.backups?.directory;
  if (directory === undefined) {
    const message =
      'Nothing says where backups are: set backups.directory in the profile, or name one with --backup FILE.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const backups = await listBackups(directory, profile.database.name);
  const { chosen, passedOver } = chooseBackup(backups, run.startedAt);
  return {
    set: chosen?.files ?? null,
    from: relative(profileDirectory, directory) || '.',
    candidates: backups.length,
    passedOver,
    others: chosen === null ? await listOthers(directory) : [],
    isWithoutManifest: chosen !== null && isAlone(chosen.parts) && backups.some(({ parts }) => parts.has('manifest')),
    tool: null,
    moment: null,
  };
}
