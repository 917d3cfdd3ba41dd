import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The SHA-256 of a file in hexadecimal digits, and how many bytes were read for it. */
export async function hashFile(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
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

/** The SHA-256 that a checksum file gives; null where there is no such file, or none in it. */
export async function readChecksum(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return /^\\?([0-9a-f]{64}) [ *]/.exec(text)?.[1] ?? null;
}

/** As GNU's sha256sum writes it: a name that needs escaping has a backslash in front of the line. */
function checksumLine(sha256: string, name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`;
}
