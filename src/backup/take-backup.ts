import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDirectories } from '../system/make-directory.ts';
import { draftPath, removeDrafts, type Sweep } from '../system/drafts.ts';
import { openMoment } from '../snapshot/take.ts';
import type { SourceServer } from '../source/source-server.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';
import { backupStem } from './backup-name.ts';
import { setOf, type BackupSet } from './backup-set.ts';
import { explainBackupError } from './backup-errors.ts';
import { findCause } from './find-cause.ts';
import type { Manifest } from './manifest.ts';
import { publishSet } from './publish.ts';
import type { BackupProgress } from './backup-progress.ts';
import { writeSet, type DumpSettings } from './write-set.ts';

/** How a backup is taken. */
export interface BackupOptions extends DumpSettings {
  /** Where it goes. It is made, for its owner alone, if it is not there. */
  directory: string;
  limits: ToolLimits;
  /** See SnapshotOptions. */
  viewsWithinMs?: number | null;
  report?: (progress: BackupProgress) => void;
}

export interface TakenBackup {
  set: BackupSet;
  manifest: Manifest;
  /** What backups that were killed had left in the directory. */
  swept: Sweep;
}

/**
 * Takes a backup: the dump, and beside it what the database held in the moment of the dump. All or nothing: until
 * everything has been written and synced, its files have names that are not those of a backup.
 * @throws OperationalError CONNECTION_LOST, LOGIN_REFUSED, SOURCE_LOCKED, SOURCE_TIMED_OUT, SOURCE_NOT_READABLE, SCHEMA_NOT_READ,
 *   SOURCE_CORRUPT, ROW_SECURITY, VALUE_TOO_LARGE, DUMP_FAILED, DISK_FULL, BACKUP_NOT_WRITTEN, PROFILE_INVALID, INTERRUPTED, and what running a tool throws
 */
export async function takeBackup(source: SourceServer, options: BackupOptions): Promise<TakenBackup> {
  const { directory } = options;
  try {
    await makeDirectories(directory, 0o700);
    const swept = await removeDrafts(directory);
    for (;;) {
      const taken = await tryToTake(source, options);
      if (taken !== null) return { ...taken, swept };
      await untilAnotherSecond(options.limits.signal);
    }
  } catch (error) {
    if (options.limits.signal?.aborted === true) {
      throw new OperationalError('INTERRUPTED', 'The backup was interrupted. Nothing was left of it.', {
        cause: error,
      });
    }
    throw await findCause(source, explainBackupError(error, directory, source.connection.user));
  }
}

/** @returns null where another backup has been taken in the same second, and so would have the same name */
async function tryToTake(source: SourceServer, options: BackupOptions): Promise<Omit<TakenBackup, 'swept'> | null> {
  const { directory, limits, ownership, viewsWithinMs = null } = options;
  const reading = { ...limits, runner: source, ownership, viewsWithinMs };
  await using moment = await openMoment(source.connection, reading);
  const stem = backupStem(source.connection.database, moment.takenAt);
  const draft = await draftPath(directory, stem);
  await mkdir(draft, { mode: 0o700 });
  try {
    if (await isTaken(directory, stem, basename(draft))) return null;
    const files = setOf(join(draft, stem));
    const manifest = await writeSet(source, moment, files, options);
    const set = setOf(join(directory, stem));
    return (await publishSet(files, set)) ? { set, manifest } : null;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
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
