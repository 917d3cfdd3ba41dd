import { join } from 'node:path';
import { headBytes } from '../system/seal.ts';
import { readHead } from '../system/read-head.ts';
import { recogniseFormat } from './format/formats.ts';
import type { BackupPart } from './backup-name.ts';
import type { BackupSet } from './backup-set.ts';

/** The database that a backup says it is of, by its manifest, or else by the header of its dump; null where neither says. */
export async function namedDatabase(files: BackupSet, parts: ReadonlySet<BackupPart>): Promise<string | null> {
  if (parts.has('manifest')) return readName((await readStart(files.manifest)).toString());
  if (!parts.has('dump')) return null;
  const file = await readStart(files.dump);
  const isDirectory = file.length === 0;
  const head = isDirectory ? await readStart(join(files.dump, 'toc.dat')) : file;
  return recogniseFormat({ head, isDirectory })?.describe(head)?.database ?? null;
}

/** Nothing of what cannot be read: whoever reads it all says why. */
function readStart(file: string): Promise<Buffer> {
  return readHead(file, headBytes).catch(() => Buffer.alloc(0));
}

/** A manifest is long, and names its database at the start. */
function readName(manifest: string): string | null {
  const [, name] = /"database"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(manifest) ?? [];
  try {
    return name === undefined ? null : (JSON.parse(name) as string);
  } catch {
    return null;
  }
}
