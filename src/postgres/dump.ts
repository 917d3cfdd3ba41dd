import { createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Sealer } from '../system/seal.ts';
import type { CommandResult } from '../system/run-program.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { DumpFile } from './archive-input.ts';
import { lockTimeoutMs } from './source.ts';
import type { ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/** What came of a dump. */
export interface DumpResult extends CommandResult, DumpFile {
  sha256: string;
  sizeBytes: number;
}

/** What a dump may leave out, and who watches it. */
export interface DumpOptions {
  /** Further options of pg_dump. */
  selection?: string[];
  /** Of the database: a setting of role or database could have pg_dump take another one, which may not have all characters. */
  encoding?: string;
  /** Makes of the dump what is written in its place: encrypts it. */
  through?: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
  /** Gets the number of bytes written so far. */
  onProgress?: (sizeBytes: number) => void;
  /** Sees what pg_dump says as it says it. */
  observeStderr?: (text: string) => void;
}

/**
 * Dumps a database in custom format into a new file, as the runbook does, and hashes the bytes on their way.
 * @param snapshotId an exported snapshot that is still open: the dump sees exactly its rows. Without one, it sees its own moment
 * @throws OperationalError DISK_FULL and what running a tool throws; a status other than 0 is a result
 */
export async function dumpDatabase(
  runner: ToolRunner<'pg_dump'>,
  target: ToolTarget,
  snapshotId: string | null,
  file: string,
  limits: ToolLimits,
  { selection = [], encoding, through = (source) => source, onProgress, observeStderr }: DumpOptions = {},
): Promise<DumpResult> {
  const sealer = new Sealer();
  let sizeBytes = 0;
  const result = await runner.runTool({
    tool: 'pg_dump',
    args: ['--format=custom', ...commonOptions(snapshotId, encoding, limits), ...selection],
    ...target,
    ...limits,
    ...(observeStderr && { observeStderr }),
    consumeStdout: (source) =>
      writeArchive(through(source), file, (chunk) => {
        sealer.update(chunk);
        sizeBytes += chunk.length;
        onProgress?.(sizeBytes);
      }),
  });
  return { ...result, ...sealer.end(), file, head: sealer.head };
}

/**
 * Dumps a database in directory format into a new directory, which pg_dump writes itself: `runner` has to work on this
 * machine. A status other than 0 is a result.
 */
export async function dumpDirectory(
  runner: ToolRunner<'pg_dump'>,
  target: ToolTarget,
  snapshotId: string | null,
  directory: string,
  limits: ToolLimits,
  { selection = [], encoding, onProgress, observeStderr }: DumpOptions = {},
): Promise<CommandResult> {
  const watching = setInterval(() => void directorySize(directory).then(onProgress), betweenLooksMs);
  try {
    return await runner.runTool({
      tool: 'pg_dump',
      args: ['--format=directory', `--file=${directory}`, ...commonOptions(snapshotId, encoding, limits), ...selection],
      ...target,
      ...limits,
      ...(observeStderr && { observeStderr }),
    });
  } finally {
    clearInterval(watching);
  }
}

const betweenLooksMs = 500;

/** Files come and go while pg_dump works. Never rejects. */
async function directorySize(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function commonOptions(snapshotId: string | null, encoding: string | undefined, limits: ToolLimits): string[] {
  return [
    `--lock-wait-timeout=${limits.lockTimeoutMs ?? lockTimeoutMs}`,
    ...(snapshotId === null ? [] : [`--snapshot=${snapshotId}`]),
    ...(encoding === undefined ? [] : [`--encoding=${encoding}`]),
  ];
}

async function writeArchive(
  source: AsyncIterable<Buffer>,
  file: string,
  observe: (chunk: Buffer) => void,
): Promise<void> {
  try {
    await pipeline(
      source,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          observe(chunk);
          yield chunk;
        }
      },
      createWriteStream(file, { flags: 'wx', mode: 0o600 }),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new OperationalError('DISK_FULL', `There is no space left for the dump ${file}. Free some and start again.`, {
      cause: error,
    });
  }
}
