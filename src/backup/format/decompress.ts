import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Sealer, sealing } from '../../system/seal.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { BackupFinding } from './backup-finding.ts';
import { compressedEmpty } from './compressed-findings.ts';
import type { Compression, DecompressionLimits } from './compression.ts';
import { recogniseFormat } from './formats.ts';

/**
 * Writes what is inside a compressed dump into a new file, for its owner alone.
 * @param target in a private directory
 * @returns what was inside, or what is wrong with the compressed file
 * @throws OperationalError BACKUP_CHANGED, DISK_FULL, TOOL_NOT_STARTED, TOOL_TIMED_OUT or INTERRUPTED
 */
export async function decompressDump(
  dump: DumpFile,
  compression: Compression,
  target: string,
  limits: DecompressionLimits,
): Promise<BackupFinding | DumpFile> {
  const sealer = new Sealer();
  const write = () => createWriteStream(target, { flags: 'wx', mode: 0o600 });
  const { signal } = limits;
  try {
    const wrong = await compression.decompress(
      dump,
      (decompressed) => pipeline(decompressed, sealing(sealer), write(), { signal }),
      limits,
    );
    if (wrong !== null) return wrong;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    const message = 'There is no space left to decompress the dump. Free some, or set TMPDIR to another disk.';
    throw new OperationalError('DISK_FULL', message, { cause: error });
  }
  const { head } = sealer;
  if (head.length === 0) return compressedEmpty;
  const isByPath = recogniseFormat({ head, isDirectory: false })?.readByPath === true;
  return { file: target, head, seal: isByPath ? null : sealer.end().seal };
}
