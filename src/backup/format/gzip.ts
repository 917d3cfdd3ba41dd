import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { readDump } from '../../postgres/archive-input.ts';
import type { Compression } from './compression.ts';
import { compressedCorrupt, compressedTruncated } from './compressed-findings.ts';

/** RFC 1952. Its checksum is looked at on the way. */
export const gzip: Compression<'gzip'> = {
  name: 'gzip',
  magic: '1f8b',
  async decompress(dump, store, { signal }) {
    const gunzip = createGunzip();
    try {
      await Promise.all([pipeline(readDump(dump), gunzip, { signal }), store(gunzip)]);
      return null;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'Z_BUF_ERROR') return compressedTruncated;
      if (code.startsWith('Z_')) return compressedCorrupt;
      throw error;
    }
  },
};
