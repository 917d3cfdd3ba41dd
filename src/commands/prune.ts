import { assertDirectory } from '../backup/assert-directory.ts';
import { styleText } from 'node:util';
import type { AssessedBackup } from '../backup/assess.ts';
import { parseDestination } from '../backup/destination.ts';
import { pruneBackups, type PruneResult } from '../backup/prune.ts';
import { openRclone } from '../backup/rclone.ts';
import type { Decision } from '../backup/retention.ts';
import { readEnvironment } from '../system/environment.ts';
import { loadProfile } from '../config/load-profile.ts';
import { suggest, typed } from '../terminal/suggest.ts';
import { interruption } from '../system/interruption.ts';
import { OperationalError } from '../system/operational-error.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import { nearby } from '../terminal/nearby.ts';
import { printable } from '../terminal/printable.ts';
import { defineCommand, type Options } from './command.ts';
import { config, path, toggle } from './flags.ts';
import { complain, say, sayHeading, warn } from './say.ts';

/** For looking at all copies together: a file system on the other side may have to read them for their hashes. */
const lookTimeoutMs = 12 * 60 * 60_000;

export const flags = {
  dryRun: toggle('changes nothing, looks at the copies, and says what would go and why'),
  dir: path('DIR', 'where the backups are, in place of the profile’s backups.directory'),
  config,
};

/** Deletes backups that nobody needs here any more, and none that is not proven to be off-host. */
export const pruneCommand = defineCommand({
  name: 'prune',
  about: [
    `Deletes backups by the rules of the profile’s "backups": the newest whole backup of each of the newest keepDaily days (7) stays, however old. What else is older than pruneAfter (7d) goes, and so do further backups of days that are over, but only when a receipt of ${typed('offsite')} proves that a copy is at backups.offsite, and that copy is still there: with all its files, their sizes, and their hashes where the remote keeps any. What cannot be looked at stays. Days are days in UTC; times are those in the names. Half a backup, one of the future, and other files are never touched.`,
  ],
  flags,
  notes: [],
  exitStatus:
    '0 done, 2 something was kept because its copy is gone, has changed or cannot be looked at, something could not be deleted, or bad usage or profile.',

  async run(options) {
    const result = await pruneAsAsked(options, interruption);
    return isPruned(result) ? 'done' : 'could-not-run';
  },
});

/** Nothing stood in the way of deleting what may go. */
export function isPruned({ failed, doubts }: PruneResult): boolean {
  return failed.length + doubts.length === 0;
}

/** Deletes backups as the flags say, and shows what became of each. */
export async function pruneAsAsked(
  options: Options<typeof flags>,
  interruptible: () => AbortSignal,
): Promise<PruneResult> {
  const { dryRun, dir, config: file } = options;
  const { profile } = await loadProfile(file);
  const { backups } = profile;
  const directory = dir ?? backups?.directory;
  if (backups === undefined || directory === undefined) {
    const message = 'Nothing says which backups stay: write "backups" into the profile, with a "directory".';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const { keepDaily, pruneAfter, offsite, rcloneConfig } = backups;
  const destination = offsite === undefined ? null : parseDestination(offsite, 'backups.offsite');
  sayHeading('restore-rehearsal prune', `of ${profile.database.name} in ${nearby(directory)}\n`);
  const place = { dir: dir && nearby(dir), config: file };
  const commands = { backup: suggest('backup', place), offsite: suggest('offsite', place) };
  await assertDirectory(directory, commands.backup);
  const limits = { timeoutMs: lookTimeoutMs, signal: interruptible() };
  const environment = readEnvironment();
  const result = await pruneBackups({
    rclone: destination === null ? null : openRclone({ destination, config: rcloneConfig, environment, limits }),
    directory,
    database: profile.database.name,
    policy: { keepDaily, pruneAfterMs: pruneAfter, destination, commands },
    now: new Date(),
    dryRun,
  });
  show(result, dryRun);
  return result;
}

function show(result: PruneResult, dryRun: boolean): void {
  const { decisions, warnings, freedBytes, doubts, failed: notDeleted, swept } = result;
  for (const line of renderTable(decisions)) console.log(line);
  const gone = decisions.filter(({ action }) => action === 'prune').length - notDeleted.length;
  const kept = decisions.length - gone;
  const verb = dryRun ? 'would be deleted' : 'deleted';
  if (decisions.length > 0)
    console.log(`\n  ${kept} kept, ${gone} ${verb}, ${formatBytes(freedBytes)} ${dryRun ? 'to be freed' : 'freed'}`);
  if (swept.removed.length > 0) say(`removed what was left half-written: ${swept.removed.map(nearby).join(', ')}`);
  for (const warning of [...warnings, ...swept.failed.map((draft) => `could not remove ${draft}`)])
    warn(`! ${warning}`);
  for (const problem of [...doubts, ...notDeleted]) complain(problem);
}

function renderTable(decisions: Decision<AssessedBackup>[]): string[] {
  const rows = decisions.map(({ backup, action, reason }) => {
    return [printable(backup.stem), formatBytes(backup.sizeBytes), action, printable(reason)] as const;
  });
  const stemWidth = Math.max(...rows.map(([stem]) => stem.length));
  const sizeWidth = Math.max(...rows.map(([, size]) => size.length));
  return rows.map(([stem, size, action, reason]) => {
    const word = styleText(action === 'prune' ? 'yellow' : 'green', action.padEnd('prune'.length));
    return `  ${stem.padEnd(stemWidth)}  ${size.padStart(sizeWidth)}  ${word}  ${reason}`;
  });
}
