/** `npm run prune`: deletes backups that nobody needs here any more, and none that is not proven to be off-host. */
import { relative } from 'node:path';
import { chalk } from 'zx';
import type { AssessedBackup } from '../src/backup/assess.ts';
import { parseDestination } from '../src/backup/destination.ts';
import { formatBytes } from '../src/terminal/format-bytes.ts';
import { openRclone } from '../src/backup/rclone.ts';
import { pruneBackups, type PruneResult } from '../src/backup/prune.ts';
import type { Decision } from '../src/backup/retention.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import { readPruneSettings, type PruneSettings } from '../src/config/prune-settings.ts';
import { nearby, suggest } from '../src/config/suggest.ts';
import { interruption } from '../src/system/interruption.ts';
import { printable } from '../src/terminal/printable.ts';
import { OperationalError } from '../src/system/operational-error.ts';

const help = `Usage: npm run prune -- [flags]

Deletes backups by the rules of the profile's "backups": the newest whole backup of each of
the newest keepDaily days (7) stays, however old. What else is older than pruneAfter (7d)
goes, and so do further backups of days that are over, but only when a receipt of
npm run offsite proves that a copy is at backups.offsite, and that copy is still there: with
all its files, their sizes, and their hashes where the remote keeps any. What cannot be
looked at stays. Days are days in UTC; times are those in the names. Half a backup, one of
the future, and other files are never touched.

  --dry-run       changes nothing, looks at the copies, and says what would go and why
  --dir DIR       where the backups are, in place of the profile's backups.directory
  --config FILE   profile; default: rehearsal.config.ts
  --help          this text

Every flag has a variable: REHEARSAL_DRY_RUN, REHEARSAL_DIR, REHEARSAL_CONFIG.

Exit status: 0 done, 2 something was kept because its copy is gone, has changed or cannot be
looked at, something could not be deleted, or bad usage or profile.`;

const failed = 2;
/** For looking at all copies together: a file system on the other side may have to read them for their hashes. */
const lookTimeoutMs = 12 * 60 * 60_000;

try {
  process.exitCode = await main(readPruneSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof OperationalError ? chalk.red(printable(error.message)) : error);
  process.exitCode = failed;
}

async function main(settings: PruneSettings): Promise<number> {
  if (settings.help) {
    console.log(help);
    return 0;
  }
  const { profile } = await loadProfile(settings.config);
  const { backups } = profile;
  const directory = settings.directory ?? backups?.directory;
  if (backups === undefined || directory === undefined) {
    const message = 'Nothing says which backups stay: write "backups" into the profile, with a "directory".';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const { keepDaily, pruneAfter, offsite, rcloneConfig: config } = backups;
  const destination = offsite === undefined ? null : parseDestination(offsite, 'backups.offsite');
  console.log(
    `${chalk.bold('restore-rehearsal prune')} of ${printable(profile.database.name)} in ${shorten(directory)}\n`,
  );
  const place = { dir: settings.directory && nearby(settings.directory), config: settings.config };
  const commands = { backup: suggest('backup', place), offsite: suggest('offsite', place) };
  const limits = { timeoutMs: lookTimeoutMs, signal: interruption() };
  const environment = readEnvironment();
  const result = await pruneBackups({
    rclone: destination === null ? null : openRclone({ destination, config, environment, limits }),
    directory,
    database: profile.database.name,
    policy: { keepDaily, pruneAfterMs: pruneAfter, destination, commands },
    now: new Date(),
    dryRun: settings.dryRun,
  });
  show(result, settings.dryRun);
  return result.failed.length + result.doubts.length === 0 ? 0 : failed;
}

function show(result: PruneResult, dryRun: boolean): void {
  const { decisions, warnings, freedBytes, doubts, failed: notDeleted, swept } = result;
  for (const line of renderTable(decisions)) console.log(line);
  const gone = decisions.filter(({ action }) => action === 'prune').length - notDeleted.length;
  const kept = decisions.length - gone;
  const verb = dryRun ? 'would be deleted' : 'deleted';
  if (decisions.length > 0)
    console.log(`\n  ${kept} kept, ${gone} ${verb}, ${formatBytes(freedBytes)} ${dryRun ? 'to be freed' : 'freed'}`);
  if (swept.removed.length > 0)
    console.log(chalk.dim(`  removed what was left half-written: ${swept.removed.map(shorten).join(', ')}`));
  for (const warning of [...warnings, ...swept.failed.map((draft) => `could not remove ${draft}`)]) {
    console.log(chalk.yellow(`  ! ${printable(warning)}`));
  }
  for (const problem of [...doubts, ...notDeleted]) console.error(chalk.red(`  ✖ ${printable(problem)}`));
}

function renderTable(decisions: Decision<AssessedBackup>[]): string[] {
  const rows = decisions.map(({ backup, action, reason }) => [
    printable(backup.stem),
    formatBytes(backup.sizeBytes),
    action,
    printable(reason),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([stem = '', size = '', action = '', reason = '']) => {
    const word = action.padEnd('prune'.length);
    const line = `  ${stem.padEnd(widths[0] ?? 0)}  ${size.padStart(widths[1] ?? 0)}  `;
    return `${line}${action === 'prune' ? chalk.yellow(word) : chalk.green(word)}  ${reason}`;
  });
}

function shorten(path: string): string {
  const near = relative(process.cwd(), path);
  return printable(near.startsWith('..') ? path : near);
}
