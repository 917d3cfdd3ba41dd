import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { draftPath } from '../../system/drafts.ts';
import { syncDirectory } from '../../system/durable.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';

/** A file of a package: its text, or where it is. */
export type PackedFile = { name: string } & ({ content: string | Buffer } | { path: string });

interface ZipOptions {
  /** Takes the place of what has its name. */
  overwrite: boolean;
  /** Of every file: the same files make the same bytes. */
  mtime: Date;
}

/**
 * Packs files. The archive appears whole or not at all.
 * @throws OperationalError EVIDENCE_NOT_WRITTEN
 */
export async function writeZip(out: string, files: PackedFile[], { overwrite, mtime }: ZipOptions): Promise<void> {
  const { ZipFile } = await import('yazl');
  const zip = new ZipFile();
  const options = { mtime, mode: 0o100644, forceDosTimestamp: false };
  for (const file of files) {
    if ('path' in file) zip.addFile(file.path, file.name, options);
    else zip.addBuffer(Buffer.from(file.content), file.name, options);
  }
  try {
    const draft = await draftPath(dirname(out), basename(out));
    try {
      const failed = once(zip, 'error').then(([error]) => {
        throw error as Error;
      });
      zip.end();
      await Promise.race([pipeline(zip.outputStream, createWriteStream(draft, { flags: 'wx', mode: 0o600 })), failed]);
      await sync(draft);
      // A link refuses what is there, and a name that is taken meanwhile, too.
      await (overwrite ? rename(draft, out) : link(draft, out));
      await syncDirectory(dirname(out));
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EEXIST' ? 'is there already. Name another, or give --force' : `cannot be written: ${message}`;
    throw new OperationalError('EVIDENCE_NOT_WRITTEN', `${nearby(out)} ${reason}.`, { cause: error });
  }
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
