import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readHead } from '../system/read-head.ts';
import { headBytes, Sealer, sealing } from '../system/seal.ts';
import { isReadByPath } from './layers/is-read-by-path.ts';
import type { DumpFile } from '../postgres/archive-input.ts';
import { OperationalError } from '../system/operational-error.ts';
import { hashFilesOf, sumUp, type FileHash } from './checksum.ts';

/** A dump as it was read, once. */
export interface SealedDump extends DumpFile, FileHash {
  isDirectory: boolean;
  /** When it was last changed, by its own account. */
  changedAt: Date;
}

/**
 * Reads a dump once, and holds on to which bytes it has: its hash is of what will be restored, whatever happens to the file
 * meanwhile. What pg_restore reads by itself, a directory or a tar archive, is copied on the way.
 * @param directory a private one on this machine, for that copy
 * @throws OperationalError DISK_FULL
 */
export async function sealDump(dump: string, directory: string): Promise<SealedDump> {
  const copy = join(directory, `${randomUUID()}.copy`);
  try {
    return (await stat(dump)).isDirectory() ? await copyDirectory(dump, copy) : await sealFile(dump, copy);
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    const message = `There is no space left in ${directory} for a copy of ${basename(dump)}, which is restored from one: pg_restore reads directories and tar archives in its own order, as programs do that unpack, and nobody may change them meanwhile. Free some, or set TMPDIR to another disk.`;
    throw new OperationalError('DISK_FULL', message, { cause: error });
  }
}

async function sealFile(dump: string, copy: string): Promise<SealedDump> {
  await using handle = await open(dump);
  const { mtime } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  const isByPath = isReadByPath(buffer.subarray(0, bytesRead));
  const sealer = new Sealer();
  const source = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 });
  if (isByPath) await pipeline(source, sealing(sealer), createWriteStream(copy, { flags: 'wx', mode: 0o600 }));
  else for await (const chunk of source) sealer.update(chunk as Buffer);
  const { seal, ...hash } = sealer.end();
  const file = isByPath ? { file: copy, seal: null } : { file: dump, seal };
  return { ...hash, ...file, head: sealer.head, isDirectory: false, changedAt: mtime };
}

async function copyDirectory(dump: string, copy: string): Promise<SealedDump> {
  const { mtime } = await stat(dump);
  // Without a table of contents it is no dump, and may be a directory of dumps: nothing of it is read.
  if (!existsSync(join(dump, 'toc.dat'))) {
    return { ...sumUp([]), file: dump, head: Buffer.alloc(0), seal: null, isDirectory: true, changedAt: mtime };
  }
  await mkdir(copy, { mode: 0o700 });
  const hashes = await hashFilesOf(dump, async (path) => {
    const sealer = new Sealer();
    const target = createWriteStream(join(copy, basename(path)), { flags: 'wx', mode: 0o600 });
    await pipeline(createReadStream(path), sealing(sealer), target);
    return sealer.end();
  });
  const { sha256, sizeBytes } = sumUp(hashes);
  const head = await readHead(join(copy, 'toc.dat'), headBytes);
  return { sha256, sizeBytes, file: copy, head, seal: null, isDirectory: true, changedAt: mtime };
}
