/** `npm run offsite`: copies backups to another place, and proves that they arrived. */
import { relative } from 'node:path';
import { chalk } from 'zx';
import type { CopyProgress } from '../src/backup/copy-set.ts';
import { parseDestination } from '../src/backup/destination.ts';
import { formatBytes } from '../src/terminal/format-bytes.ts';
import { copyOffsite, offsiteMarker, type CopyOutcome } from '../src/backup/offsite.ts';
import { ProgressLine } from '../src/terminal/progress-line.ts';
import { openRclone } from '../src/backup/rclone.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import { readOffsiteSettings, type OffsiteSettings } from '../src/config/offsite-settings.ts';
import type { Profile } from '../src/config/profile.ts';
import { nearby, suggest } from '../src/config/suggest.ts';
import { interruption } from '../src/system/interruption.ts';
import { printable } from '../src/terminal/printable.ts';
import { OperationalError } from '../src/system/operational-error.ts';

const help = `Usage: npm run offsite -- [flags]

Copies every whole backup off-host through rclone, the newest first, reads each file back
and compares its hash, and writes a receipt beside the manifest. Without one, npm run prune
deletes nothing. What is there already is not sent again.

  --to REMOTE:PATH   where the copies go, in place of the profile's backups.offsite
  --dir DIR          where the backups are, in place of the profile's backups.directory
  --config FILE      profile; default: rehearsal.config.ts
  --help             this text

Every flag has a variable: REHEARSAL_TO, REHEARSAL_DIR, REHEARSAL_CONFIG. Remote and
credentials are rclone's: rclone config, the file of backups.rcloneConfig, or variables like
RCLONE_CONFIG and AWS_ACCESS_KEY_ID.

Exit status: 0 every whole backup is proven to be off-host, 2 it is not.`;

const failed = 2;
/** For all copies together. What has arrived by then need not be sent again. */
const copyTimeoutMs = 24 * 60 * 60_000;

try {
  process.exitCode = await main(readOffsiteSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof OperationalError ? chalk.red(printable(error.message)) : error);
  process.exitCode = failed;
}

async function main(settings: OffsiteSettings): Promise<number> {
  if (settings.help) {
    console.log(help);
    return 0;
  }
  const { profile } = await loadProfile(settings.config);
  const directory = settings.directory ?? profile.backups?.directory;
  if (directory === undefined) {
    throw new OperationalError(
      'BAD_USAGE',
      'Nothing says where the backups are: give --dir DIR, or set backups.directory.',
    );
  }
  const destination = readDestination(settings, profile);
  const rclone = openRclone({
    destination,
    config: profile.backups?.rcloneConfig,
    environment: readEnvironment(),
    marker: offsiteMarker(directory),
    limits: { timeoutMs: copyTimeoutMs, signal: interruption() },
  });
  const { name } = profile.database;
  const heading = `of ${printable(name)} from ${shorten(directory)} to ${printable(destination)}`;
  console.log(`${chalk.bold('restore-rehearsal offsite')} ${heading}\n`);
  const outcomes = await withProgress((report, onOutcome) =>
    copyOffsite({ directory, database: name, rclone, report, onOutcome }),
  );
  console.log(`${outcomes.length === 0 ? '' : '\n'}  ${summarize(outcomes, settings)}`);
  return outcomes.some(({ state }) => state === 'failed') ? failed : 0;
}

function readDestination({ destination }: OffsiteSettings, { backups }: Profile): string {
  if (destination !== null) return parseDestination(destination, '--to');
  if (backups?.offsite !== undefined) return parseDestination(backups.offsite, 'backups.offsite');
  throw new OperationalError(
    'BAD_USAGE',
    'Nothing says where copies go: give --to REMOTE:PATH, or set backups.offsite.',
  );
}

type Report = (progress: CopyProgress) => void;

async function withProgress<T>(body: (report: Report, onOutcome: (outcome: CopyOutcome) => void) => Promise<T>) {
  let latest: CopyProgress | null = null;
  let startedAt = performance.now();
  using line = new ProgressLine(process.stdout, () => describe(latest, performance.now() - startedAt));
  const report: Report = (progress) => (latest = progress);
  return await body(report, (outcome) => {
    latest = null;
    line.clear();
    showOutcome(outcome);
    startedAt = performance.now();
  });
}

function describe(progress: CopyProgress | null, elapsedMs: number): string | null {
  if (progress === null) return null;
  const { stem, phase, bytes, totalBytes } = progress;
  const rate = `${formatBytes((bytes / Math.max(elapsedMs, 1)) * 1000)}/s`;
  return `  ${stem}: ${phase}, ${formatBytes(bytes)} of ${formatBytes(totalBytes)}, ${rate}`;
}

function showOutcome({ state, sentBytes, ...outcome }: CopyOutcome): void {
  const [stem, reason] = [printable(outcome.stem), printable(outcome.reason ?? '')];
  const sent = sentBytes === 0 ? 'was there, and was read back' : `${formatBytes(sentBytes)} sent and read back`;
  const lines = {
    copied: chalk.green(`  ✔ ${stem}  ${sent}`),
    'was-copied': chalk.dim(`  = ${stem}  copied before`),
    'passed-over': chalk.yellow(`  ! ${stem}  passed over: ${reason}`),
    failed: chalk.red(`  ✖ ${stem}  ${reason}`),
  };
  console.log(lines[state]);
}

function summarize(outcomes: CopyOutcome[], { config, directory }: OffsiteSettings): string {
  const count = (state: CopyOutcome['state']) => outcomes.filter((outcome) => outcome.state === state).length;
  const takeOne = suggest('backup', { dir: directory && nearby(directory), config });
  if (outcomes.length === 0) return chalk.yellow(`There is no backup here. Take one: ${takeOne}`);
  const [copied, before, failures, passedOver] = [
    count('copied'),
    count('was-copied'),
    count('failed'),
    count('passed-over'),
  ];
  if (copied + failures + passedOver === 0) return `Nothing to do: all ${before} are off-host.`;
  return `${copied} copied, ${before} copied before, ${passedOver} passed over, ${failures} failed`;
}

function shorten(path: string): string {
  const near = relative(process.cwd(), path);
  return printable(near.startsWith('..') ? path : near);
}
