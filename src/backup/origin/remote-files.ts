import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { OperationalError } from '../../system/operational-error.ts';
import { impatient, listTimeoutMs, patient, rcloneRunner, type RcloneOptions } from '../rclone-runner.ts';

/** A file at a remote of rclone. */
export interface RemoteFile {
  /** Relative to the directory that was listed. */
  path: string;
  sizeBytes: number;
  changedAt: Date;
}

/** Files of others, at a place that rclone can read. Nothing there is changed. */
export interface RemoteFiles {
  remote: string;
  /**
   * The files below it, six folders deep at most; of a file, itself.
   * @throws OperationalError BACKUP_NOT_FOUND where there is neither, and what rclone's `list` throws
   */
  list(): Promise<{ isFile: boolean; files: RemoteFile[] }>;
  /** Reads a file into a new one here. Throws what rclone's `list` throws, and errors of the file system. */
  fetch(path: string, file: string, onProgress: (bytes: number) => void): Promise<void>;
}

const entry = z.object({ Path: z.string(), Size: z.number(), ModTime: z.string(), IsDir: z.boolean() });
type Entry = z.output<typeof entry>;

export function openRemote(options: RcloneOptions): RemoteFiles {
  const { destination: remote, silenceMs } = options;
  const { run, assertWorked, there } = rcloneRunner(options);
  const ask = async (args: string[]) => {
    // An object store asks for each file's own time otherwise, one after the other.
    const how = ['--no-mimetype', '--use-server-modtime', ...impatient(silenceMs)];
    return run(['lsjson', ...args, ...how, remote], listTimeoutMs);
  };
  let isFile = false;
  return {
    remote,
    async list() {
      const stat = await ask(['--stat']);
      if (stat.exitCode === 3 || stat.exitCode === 4 || stat.stdout.trim() === 'null') throw notFound(remote);
      await assertWorked(stat);
      const top = parse(entry, stat.stdout);
      if (!top.IsDir) {
        isFile = true;
        return { isFile, files: [toFile(top)] };
      }
      const listed = await ask(['--recursive', '--max-depth=6', '--files-only']);
      if (listed.exitCode === 3) throw notFound(remote);
      await assertWorked(listed);
      return { isFile, files: parse(z.array(entry), listed.stdout).map(toFile) };
    },
    async fetch(path, file, onProgress) {
      let bytes = 0;
      const consumeStdout = (source: AsyncIterable<Buffer>) =>
        pipeline(
          source,
          async function* (chunks: AsyncIterable<Buffer>) {
            for await (const chunk of chunks) {
              onProgress((bytes += chunk.length));
              yield chunk;
            }
          },
          createWriteStream(file, { flags: 'wx', mode: 0o600 }),
        );
      await assertWorked(await run(['cat', ...patient, isFile ? remote : there(path)], Infinity, { consumeStdout }));
    },
  };
}

function toFile({ Path, Size, ModTime }: Entry): RemoteFile {
  return { path: Path, sizeBytes: Size, changedAt: new Date(ModTime) };
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new OperationalError('OFFSITE_FAILED', 'What rclone lsjson printed cannot be read.', { cause: error });
  }
}

function notFound(remote: string): OperationalError {
  const message = `There is nothing at ${remote}: no file of that name, and no directory. See what is there with rclone lsf, and mend the path.`;
  return new OperationalError('BACKUP_NOT_FOUND', message);
}
