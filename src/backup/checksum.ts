import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Which bytes a dump consists of. */
export interface DumpHash {
  /** In hexadecimal digits. Of a directory it is the SHA-256 of its checksum file, which holds that of each file in it. */
  sha256: string;
  sizeBytes: number;
  /** The checksum file, as GNU's sha256sum writes it, to be read in the directory that holds the dump. */
  checksumText: string;
}

/** Hashes a dump: a file, or the directory of `pg_dump -Fd`. */
export async function hashDump(dump: string): Promise<DumpHash> {
  return sumUp(await hashFilesOf(dump));
}

/** The hash of one of the files that a dump consists of. */
export interface NamedHash extends FileHash {
  /** As seen from the directory that holds the dump: `shop.dump`, or `shop.dump/toc.dat`. */
  name: string;
}

/** Hashes the files that a dump consists of, each for itself. */
export async function hashFilesOf(dump: string, hash = hashFile): Promise<NamedHash[]> {
  const name = basename(dump);
  if (!(await stat(dump)).isDirectory()) return [{ name, ...(await hash(dump)) }];
  const files: NamedHash[] = [];
  for (const entry of await readdir(dump, { withFileTypes: true })) {
    // Anything but a file is none of pg_dump's, and might never end.
    if (!entry.isFile()) continue;
    files.push({ name: `${name}/${entry.name}`, ...(await hash(join(dump, entry.name))) });
  }
  return files;
}

/** The hash of a dump, from those of its files. Pure. */
export function sumUp(files: NamedHash[]): DumpHash {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const checksumText = sorted.map(({ sha256, name }) => checksumLine(sha256, name)).join('');
  const sizeBytes = sorted.reduce((sum, file) => sum + file.sizeBytes, 0);
  const [only] = sorted;
  const isFile = only !== undefined && !only.name.includes('/');
  return { sha256: isFile ? only.sha256 : hashText(checksumText), sizeBytes, checksumText };
}

/** The SHA-256 of a file in hexadecimal digits, and how many bytes were read for it. */
export async function hashFile(path: string): Promise<FileHash> {
  return hashStream(createReadStream(path));
}

export interface FileHash {
  sha256: string;
  sizeBytes: number;
}

/**
 * Hashes what comes, and lets it go.
 * @param take gets each piece first
 */
export async function hashStream(source: Readable, take?: (chunk: Buffer) => Promise<void>): Promise<FileHash> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  await pipeline(source, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      await take?.(chunk);
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  });
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** Writes a file that `sha256sum --check` reads, from inside its directory. */
export async function writeChecksum(path: string, sha256: string, dump: string): Promise<void> {
  await writeFile(path, checksumLine(sha256, basename(dump)), { mode: 0o600 });
}

/**
 * The SHA-256 that a checksum file gives a dump, as hashDump gives it.
 * @returns null where there is no such file, or none in it
 */
export async function readChecksum(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return parseChecksum(text);
}

/** The SHA-256 that the text of a checksum file gives a dump; null where it holds none. Pure. */
export function parseChecksum(text: string): string | null {
  const line = /^(\\?)([0-9a-f]{64}) [ *](.*)/.exec(text);
  if (line === null) return null;
  const [, , sha256 = '', name = ''] = line;
  return name.includes('/') ? hashText(text) : sha256;
}

/** The SHA-256 of a text in hexadecimal digits. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** As GNU's sha256sum writes it: a name that needs escaping has a backslash in front of the line. */
export function checksumLine(sha256: string, name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`;
}
