import type { Readable } from 'node:stream';
import * as z from 'zod';
import { OperationalError } from '../system/operational-error.ts';
import { backupParts, backupPrefix } from './backup-name.ts';
import { hashStream, hashText, type FileHash } from './checksum.ts';
import { impatient, listTimeoutMs, patient, rcloneRunner, type RcloneOptions } from './rclone-runner.ts';

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

/** Secrets are in rclone's configuration file or its environment; its arguments hold none. */
export function openRclone(options: RcloneOptions): Rclone {
  const { destination, silenceMs } = options;
  const { run, assertWorked, there } = rcloneRunner(options);
  return {
    destination,
    async list(database) {
      const prefix = backupPrefix(database);
      const what = [`--include=/${prefix}*`, `--include=/${prefix}*.dump/*`, '--recursive', '--max-depth=2'];
      const how = ['--files-only', '--no-modtime', '--no-mimetype'];
      const result = await run(['lsjson', ...what, ...how, ...impatient(silenceMs), destination], listTimeoutMs);
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
