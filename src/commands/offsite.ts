import { assertDirectory } from '../backup/assert-directory.ts';
import { styleText } from 'node:util';
import type { CopyProgress } from '../backup/copy-set.ts';
import { parseDestination } from '../backup/destination.ts';
import { copyOffsite, offsiteMarker, type CopyOutcome } from '../backup/offsite.ts';
import { openRclone } from '../backup/rclone.ts';
import { readEnvironment } from '../system/environment.ts';
import { loadProfile } from '../config/load-profile.ts';
import type { Profile } from '../config/profile.ts';
import { suggest, typed } from '../terminal/suggest.ts';
import { interruption } from '../system/interruption.ts';
import { OperationalError } from '../system/operational-error.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import { nearby } from '../terminal/nearby.ts';
import { printable } from '../terminal/printable.ts';
import { defineCommand, type Options } from './command.ts';
import { config, path, text } from './flags.ts';
import { sayHeading } from './say.ts';
import { withProgress } from './with-progress.ts';

/** For all copies together. What has arrived by then need not be sent again. */
const copyTimeoutMs = 24 * 60 * 60_000;

export const flags = {
  to: text('REMOTE:PATH', 'where the copies go, in place of the profile’s backups.offsite'),
  dir: path('DIR', 'where the backups are, in place of the profile’s backups.directory'),
  config,
};

/** Copies backups to another place, and proves that they arrived. */
export const offsiteCommand = defineCommand({
  name: 'offsite',
  about: [
    `Copies every whole backup off-host through rclone, the newest first, reads each file back and compares its hash, and writes a receipt beside the manifest. Without one, ${typed('prune')} deletes nothing. What is there already is not sent again.`,
  ],
  flags,
  notes: [
    'Remote and credentials are rclone’s: rclone config, the file of backups.rcloneConfig, or variables like RCLONE_CONFIG and AWS_ACCESS_KEY_ID.',
  ],
  exitStatus: '0 every whole backup is proven to be off-host, 2 it is not, or there is none.',

  async run(options) {
    const outcomes = await copyBackups(options, interruption);
    return isProven(outcomes) ? 'done' : 'could-not-run';
  },
});

/** A job that copies nothing, night after night, has to be noticed. */
export function isProven(outcomes: CopyOutcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ state }) => state !== 'failed');
}

/** Copies backups as the flags say, and shows what became of each. */
export async function copyBackups(
  options: Options<typeof flags>,
  interruptible: () => AbortSignal,
): Promise<CopyOutcome[]> {
  const { profile } = await loadProfile(options.config);
  const directory = options.dir ?? profile.backups?.directory;
  if (directory === undefined) {
    const message = 'Nothing says where the backups are: give --dir DIR, or set backups.directory.';
    throw new OperationalError('BAD_USAGE', message);
  }
  const destination = readDestination(options.to, profile);
  await assertDirectory(directory, takeOne(options));
  const rclone = openRclone({
    destination,
    config: profile.backups?.rcloneConfig,
    environment: readEnvironment(),
    marker: offsiteMarker(directory),
    limits: { timeoutMs: copyTimeoutMs, signal: interruptible() },
  });
  const { name: database } = profile.database;
  sayHeading('restore-rehearsal offsite', `of ${database} from ${nearby(directory)} to ${destination}\n`);
  const outcomes = await withProgress(describe, ({ report, clear }) => {
    const onOutcome = (outcome: CopyOutcome) => {
      clear();
      showOutcome(outcome);
    };
    return copyOffsite({ directory, database, rclone, report, onOutcome });
  });
  console.log(`${outcomes.length === 0 ? '' : '\n'}  ${summarize(outcomes, options)}`);
  return outcomes;
}

function readDestination(to: string | null, { backups }: Profile): string {
  if (to !== null) return parseDestination(to, '--to');
  if (backups?.offsite !== undefined) return parseDestination(backups.offsite, 'backups.offsite');
  const message = 'Nothing says where copies go: give --to REMOTE:PATH, or set backups.offsite.';
  throw new OperationalError('BAD_USAGE', message);
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
    copied: styleText('green', `  ✔ ${stem}  ${sent}`),
    'was-copied': styleText('dim', `  = ${stem}  copied before`),
    'passed-over': styleText('yellow', `  ! ${stem}  passed over: ${reason}`),
    failed: styleText('red', `  ✖ ${stem}  ${reason}`),
  };
  console.log(lines[state]);
}

function takeOne({ dir, config: profile }: Options<typeof flags>): string {
  return suggest('backup', { dir: dir && nearby(dir), config: profile });
}

function summarize(outcomes: CopyOutcome[], options: Options<typeof flags>): string {
  if (outcomes.length === 0) {
    return styleText('yellow', `There is no backup here. Take one: ${takeOne(options)}`);
  }
  const count = (state: CopyOutcome['state']) => outcomes.filter((outcome) => outcome.state === state).length;
  const before = count('was-copied');
  if (before === outcomes.length) return `Nothing to do: all ${before} are off-host.`;
  return `${count('copied')} copied, ${before} copied before, ${count('passed-over')} passed over, ${count('failed')} failed`;
}
