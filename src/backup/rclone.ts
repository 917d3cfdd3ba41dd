import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Environment } from '../system/environment.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { markerVariable } from '../system/marked.ts';
import { runProgram, type CommandResult } from '../system/run-program.ts';
import { OperationalError } from '../system/operational-error.ts';
import { backupParts, backupPrefix } from './backup-name.ts';
import { hashStream, hashText, type FileHash } from './checksum.ts';
import { explainRcloneStatus, explainRcloneError } from './rclone-errors.ts';

/** A place for copies off-host, reached through rclone. */
export interface Rclone {
  /** As rclone names it, without anything secret. */
  destination: string;
  /**
   * The files of the backups of a database, by path relative to the destination, with their sizes.
   * @throws OperationalError TOOL_NOT_STARTED, OFFSITE_NOT_CONFIGURED, OFFSITE_REFUSED, OFFSITE_UNREACHABLE, OFFSITE_FAILED, INTERRUPTED
   */
  list(database: string): Promise<Map<string, number>>;
  /**
   * Copies a file there, in place of one that may be there. Throws what `list` throws.
   * @param onProgress gets the number of bytes sent, from time to time
   */
  send(file: string, name: string, onProgress: (bytes: number) => void): Promise<void>;
  /**
   * Reads a file there from its first to its last byte, and hashes it. Stores that are no file systems take one that is not
   * there for an empty one. Throws what `list` and `take` throw.
   * @param take gets each piece
   */
  read(name: string, take?: (chunk: Buffer) => Promise<void>): Promise<FileHash>;
  /**
   * Compares the files of backups in a directory with those there, by size, and by hash where the place keeps hashes. Nothing is
   * fetched for it. Throws what `list` throws.
   * @returns by path relative to the destination: `=` equal, `*` different, `+` not there, `!` not to be compared
   */
  compare(directory: string, stems: string[]): Promise<Map<string, string>>;
}

export interface RcloneOptions {
  destination: string;
  /** rclone's configuration file, where it is not in its usual place. */
  config: string | undefined;
  environment: Environment;
  /** What every rclone that is started is marked with, see marked.ts: what outlives a killed harness can be ended then. */
  marker?: string;
  /** For all that is done there together. */
  limits: ToolLimits;
  /** How long the other side may say nothing when it is asked what is there. */
  silenceMs?: number;
}

/** A listing says whether the place can be reached at all: that is not waited for long. */
const listTimeoutMs = 60_000;
const patient = ['--low-level-retries=3', '--timeout=2m'];

/** Without it, rclone would take itself for not configured at all, and say that there is no such remote. */
function assertConfigThere(config: string | undefined): void {
  if (config === undefined || existsSync(config)) return;
  const message = `There is no configuration file of rclone at ${config}. Mend backups.rcloneConfig in the profile; rclone config file says where yours is.`;
  throw new OperationalError('PROFILE_INVALID', message);
}

/** Secrets are in rclone's configuration file or its environment; its arguments hold none. */
export function openRclone({
  destination,
  config,
  environment,
  marker,
  limits,
  silenceMs = 20_000,
}: RcloneOptions): Rclone {
  assertConfigThere(config);
  const endsAt = performance.now() + limits.timeoutMs;
  const env = {
    // The user decides; without, a mistyped bucket would be made, and sftp would start a shell and change the file.
    RCLONE_S3_NO_CHECK_BUCKET: 'true',
    RCLONE_GCS_NO_CHECK_BUCKET: 'true',
    RCLONE_SFTP_SHELL_TYPE: 'none',
    ...environment.rclone,
    ...(config !== undefined && { RCLONE_CONFIG: config }),
    ...(marker !== undefined && { [markerVariable]: marker }),
    PATH: environment.path,
  };
  const run = async (args: string[], timeoutMs: number, streams: Streams = {}): Promise<CommandResult> => {
    const call = {
      file: 'rclone',
      args: [...args, '--retries=1', '--contimeout=15s', '--use-json-log', '--ask-password=false'],
      env,
      timeoutMs: Math.max(Math.min(timeoutMs, endsAt - performance.now()), 1),
      signal: limits.signal,
      ...streams,
    };
    return runProgram(call).catch((error: unknown) => {
      throw explainRcloneError(error, destination);
    });
  };
  const assertWorked = async (result: CommandResult): Promise<void> => {
    if (result.exitCode !== 0) throw await explainRcloneStatus(result, destination, env);
  };
  const there = (name: string) => `${destination}${destination.endsWith(':') ? '' : '/'}${name}`;
  return {
    destination,
    async list(database) {
      const prefix = backupPrefix(database);
      const what = [`--include=/${prefix}*`, `--include=/${prefix}*.dump/*`, '--recursive', '--max-depth=2'];
      const how = ['--files-only', '--no-modtime', '--no-mimetype'];
      const impatient = ['--low-level-retries=1', `--timeout=${silenceMs}ms`];
      const result = await run(['lsjson', ...what, ...how, ...impatient, destination], listTimeoutMs);
      // rclone's status for a directory that is not there: it is made with the first file.
      if (result.exitCode === 3) return new Map();
      await assertWorked(result);
      return parseListing(result.stdout);
    },
    async send(file, name, onProgress) {
      const how = ['--ignore-times', '--ignore-checksum', '--stats=2s', '--stats-log-level=NOTICE'];
      const observeStderr = observeSent(onProgress);
      await assertWorked(await run(['copyto', ...how, ...patient, file, there(name)], Infinity, { observeStderr }));
    },
    async read(name, take) {
      let hash: FileHash = { sha256: hashText(''), sizeBytes: 0 };
      const consumeStdout = async (source: Readable) => {
        hash = await hashStream(source, take);
      };
      await assertWorked(await run(['cat', ...patient, there(name)], Infinity, { consumeStdout }));
      return hash;
    },
    async compare(directory, stems) {
      if (stems.length === 0) return new Map();
      const chosen = stems.flatMap((stem) => [`+ /${stem}.*`, `+ /${stem}.dump/*`]);
      const what = [`- *${backupParts.receipt}`, ...chosen, '- *'].map((rule) => `--filter=${rule}`);
      const how = ['--one-way', '--combined=-', ...patient];
      const result = await run(['check', ...what, ...how, directory, destination], Infinity);
      const compared = new Map(result.stdout.split('\n').map((line) => [line.slice(2), line.slice(0, 1)]));
      // Its status is 1 for a difference, too.
      const isExplained = [...compared.values()].some((mark) => '*+!'.includes(mark) && mark !== '');
      if (!isExplained) await assertWorked(result);
      return compared;
    },
  };
}

interface Streams {
  consumeStdout?: (source: Readable) => Promise<void>;
  observeStderr?: (text: string) => void;
}

const listing = z.array(z.object({ Path: z.string(), Size: z.number() }));

function parseListing(text: string): Map<string, number> {
  try {
    return new Map(listing.parse(JSON.parse(text)).map(({ Path, Size }) => [Path, Size]));
  } catch (error) {
    throw new OperationalError('OFFSITE_FAILED', 'What rclone lsjson printed cannot be read.', { cause: error });
  }
}

/** Finds `"stats":{"bytes":…}` in rclone's log, which comes in pieces. */
function observeSent(onProgress: (bytes: number) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    const [bytes] = lines.flatMap((line) => /"stats":\{"bytes":(\d+)/.exec(line)?.[1] ?? []).slice(-1);
    if (bytes !== undefined) onProgress(Number(bytes));
  };
}
