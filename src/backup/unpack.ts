import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Sealer } from '../files/seal.ts';
import { archiveInput, isReadByPath, readDump, type DumpFile } from '../postgres/archive-input.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { runCommand, type CommandResult } from '../system/run.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { BackupFinding } from './backup-finding.ts';
import type { DumpDescription } from './dump-description.ts';
import { sealing } from './seal-dump.ts';

/**
 * Unpacks a dump that was packed as a whole into a new file for its owner alone. Both formats carry a checksum, which is
 * looked at here.
 * @param target in a private directory
 * @param path search path for the program zstd, which Node.js has no equal for before version 22
 * @returns what was in it, or what is wrong with the packed file
 * @throws OperationalError BACKUP_CHANGED, DISK_FULL, TOOL_NOT_STARTED, TOOL_TIMED_OUT or INTERRUPTED
 */
export async function unpackDump(
  dump: DumpFile,
  packing: NonNullable<DumpDescription['packing']>,
  target: string,
  limits: ToolLimits & { path: string },
): Promise<BackupFinding | DumpFile> {
  const sealer = new Sealer();
  const write = () => createWriteStream(target, { flags: 'wx', mode: 0o600 });
  const { signal } = limits;
  try {
    if (packing === 'gzip') await pipeline(readDump(dump), createGunzip(), sealing(sealer), write(), { signal });
    else {
      const store = (unpacked: Readable) => pipeline(unpacked, sealing(sealer), write(), { signal });
      const problem = explainStatus(await unpackZstd(dump, store, limits));
      if (problem !== null) return problem;
    }
    const { head } = sealer;
    if (head.length === 0) return empty;
    return { file: target, head, seal: isReadByPath(head, false) ? null : sealer.end().seal };
  } catch (error) {
    const problem = explainError(error);
    if (problem === null) throw error;
    return problem;
  }
}

async function unpackZstd(
  dump: DumpFile,
  consumeStdout: (source: Readable) => Promise<void>,
  { path, ...limits }: ToolLimits & { path: string },
): Promise<CommandResult> {
  try {
    const args = ['--decompress', '--stdout', '--quiet', '--no-progress'];
    const input = archiveInput(dump);
    return await runCommand({ file: 'zstd', args, env: { PATH: path }, consumeStdout, ...input, ...limits });
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'TOOL_NOT_STARTED') throw error;
    const message =
      'The dump is packed with zstd, and there is no program zstd here. Install it: apt-get install zstd.';
    throw new OperationalError('TOOL_NOT_STARTED', message, { cause: error });
  }
}

function explainStatus({ exitCode, stderr }: CommandResult): BackupFinding | null {
  if (exitCode === 0) return null;
  return /premature|unexpected end|incomplete/i.test(stderr) ? truncated : corrupt;
}

/** What zlib and the file system say, by their codes. */
function explainError(error: unknown): BackupFinding | null {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = 'There is no space left to unpack the dump. Free some, or set TMPDIR to another disk.';
    throw new OperationalError('DISK_FULL', message, { cause: error });
  }
  if (code === 'Z_BUF_ERROR') return truncated;
  return code.startsWith('Z_') ? corrupt : null;
}

const empty = {
  rule: 'ARCHIVE_EMPTY',
  message: 'The packed dump is whole, and there is nothing in it.',
  remedy: 'See why pg_dump wrote nothing into the pipe: a shell only tells it with "set -o pipefail".',
};
const remedy = 'Copy the backup again from off-host storage, and compare sizes and checksums.';
const truncated = { rule: 'ARCHIVE_TRUNCATED', message: 'The packed dump ends too early.', remedy };
const corrupt = { rule: 'ARCHIVE_CORRUPT', message: 'Bytes of the packed dump have changed.', remedy };
