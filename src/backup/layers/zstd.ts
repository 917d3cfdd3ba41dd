import { compressionLayer } from './compression.ts';

/** RFC 8878. */
export const zstd = compressionLayer<'zstd'>({
  name: 'zstd',
  magic: /^28b52ffd/,
  package: 'zstd',
  // Whoever has compressed with a long window would be told otherwise that it takes too much memory.
  args: ['--quiet', '--no-progress', '--long=31'],
  truncated: /premature|unexpected end|incomplete/i,
  // It says that where a frame has ended and no other begins.
  tail: /unsupported format/,
  common: /^28b52ffd/,
});
