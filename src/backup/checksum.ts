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
export async function readChecksum(path: string, dump: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return parseChecksum(text, basename(dump));
}

/**
 * The SHA-256 that the text of a checksum file gives a dump: as GNU's or BSD's programs, openssl or PowerShell write it, with or
 * without a path. Pure.
 * @param dump its name, for a file with the checksums of several
 * @returns null where it holds none
 */
export function parseChecksum(text: string, dump?: string): string | null {
  const lines = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const sums = lines.split('\n').flatMap(readSum);
  // Our own of a directory, whose hash is that of its checksum file.
  if (sums.some(({ name }) => /^[^/]+\/toc\.dat$/.test(name))) return hashText(lines);
  const named = sums.length === 1 ? sums : sums.filter(({ name }) => name.split(/[/\\]/).at(-1) === dump);
  return named[0]?.sha256 ?? null;
}

function readSum(line: string): { sha256: string; name: string }[] {
  const { sha256, name = '' } =
    forms.map((form) => form.exec(line)?.groups).find((groups) => groups !== undefined) ?? {};
  return sha256 === undefined ? [] : [{ sha256: sha256.toLowerCase(), name }];
}

const sum = '(?<sha256>[0-9a-fA-F]{64})';
const forms = [
  new RegExp(`^\\\\?${sum} [ *](?<name>.*)$`),
  new RegExp(`^SHA(?:2-)?256 ?\\((?<name>.*)\\) ?= ${sum}$`),
  new RegExp(`^(?:Hash *: )?${sum}\\s*$`),
];

/** The SHA-256 of a text in hexadecimal digits. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** As GNU's sha256sum writes it: a name that needs escaping has a backslash in front of the line. */
export function checksumLine(sha256: string, name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`;
}
