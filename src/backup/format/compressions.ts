import type { Compression, CompressionName } from './compression.ts';
import { gzip } from './gzip.ts';
import { zstd } from './zstd.ts';

const compressions: { [Name in CompressionName]: Compression<Name> } = { gzip, zstd };

/** What a dump was compressed with, by how it starts; null where it was not. Pure. */
export function recogniseCompression(head: Buffer): Compression | null {
  const start = head.toString('hex', 0, 16);
  return Object.values(compressions).find(({ magic }) => start.startsWith(magic)) ?? null;
}
