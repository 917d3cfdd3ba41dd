import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { draftPath, removeDrafts, type Sweep } from '../files/drafts.ts';
import { openMoment, type Moment } from '../snapshot/take.ts';
import type { SourceServer } from '../source/source-server.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { backupStem } from './backup-name.ts';
import { setOf, type BackupSet } from './backup-set.ts';
import { explainFailure } from './backup-failure.ts';
import type { Manifest } from './manifest.ts';
import { publishSet } from './publish.ts';
import { writeSet, type DumpSettings } from './write-set.ts';

/** How a backup is taken. */
export interface BackupOptions extends DumpSettings {
  /** Where it goes. It is made, for its owner alone, if it is not there. */
  directory: string;
  limits: ToolLimits;
  report?: (progress: BackupProgress) => void;
}

/** What there is of a backup so far. */
export interface BackupProgress {
  sizeBytes: number;
  /** The table that is being dumped. */
  table: string | null;
}

export interface TakenBackup {
  set: BackupSet;
  manifest: Manifest;
  /** What backups that were killed had left in the directory. */
  swept: Sweep;
}

/**
 * Takes a backup: the dump, and beside it what the database held in the moment of the dump. All or nothing: until
 * everything has been written and synced, its files have names that nobody takes for a backup's.
 * @throws RehearsalError SERVER_LOST, CONNECTION_LOST, SOURCE_LOCKED, SOURCE_TIMED_OUT, DISK_FULL, DUMP_FAILED, SCHEMA_NOT_READ,
 *   BACKUP_NOT_WRITTEN, TOOL_TIMED_OUT or INTERRUPTED
 */
export async function takeBackup(source: SourceServer, options: BackupOptions): Promise<TakenBackup> {
  const { directory } = options;
  try {
    await makeDirectory(directory);
    const swept = await removeDrafts(directory);
    for (;;) {
      const taken = await tryToTake(source, options);
      if (taken !== null) return { ...taken, swept };
      await untilAnotherSecond(options.limits.signal);
    }
  } catch (error) {
    throw explainFailure(error, directory);
  }
}

/** @returns null where another backup has been taken in the same second, and so would have the same name */
async function tryToTake(source: SourceServer, options: BackupOptions): Promise<Omit<TakenBackup, 'swept'> | null> {
  const { directory, limits, ownership } = options;
  await using moment = await openMoment(source.connection, { ...limits, runner: source, ownership });
  const stem = backupStem(source.connection.database, moment.takenAt);
  const draft = await draftPath(directory, stem);
  await mkdir(draft, { mode: 0o700 });
  try {
    if (await isTaken(directory, stem, basename(draft))) return null;
    const files = setOf(join(draft, stem));
    const manifest = await endingWith(moment, limits, () => writeSet(source, moment, files, options));
    const set = setOf(join(directory, stem));
    return (await publishSet(files, set)) ? { set, manifest } : null;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** An interruption ends the reading of the snapshot, too. */
async function endingWith<T>(moment: Moment, { signal }: ToolLimits, body: () => Promise<T>): Promise<T> {
  const end = () => void moment[Symbol.asyncDispose]();
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await body();
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

async function makeDirectory(directory: string): Promise<void> {
  // Only the last one made is what is looked into; `mode` holds for all that are made, less the umask.
  if ((await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined) await chmod(directory, 0o700);
}

/** Each backup makes its draft first and looks for others then: of two at once, at least one sees the other. */
async function isTaken(directory: string, stem: string, draft: string): Promise<boolean> {
  const names = await readdir(directory);
  return names.some((name) => name !== draft && (name.startsWith(`${stem}.`) || name.startsWith(`.${stem}-`)));
}

/** Two that have both stepped back do not meet again for ever: each waits for a second of its own. */
async function untilAnotherSecond(signal: AbortSignal | undefined): Promise<void> {
  await delay(1000 - (Date.now() % 1000) + Math.floor(Math.random() * 3) * 1000, undefined, { signal });
}
