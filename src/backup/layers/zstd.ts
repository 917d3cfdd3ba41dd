import { compressionLayer } from './compression.ts';

/** RFC 8878. */
export const zstd = compressionLayer<'zstd'>({
  name: 'zstd',
  magic: '28b52ffd',
  package: 'zstd',
  args: ['--quiet', '--no-progress'],
  truncated: /premature|unexpected end|incomplete/i,
  // It says that where a frame has ended and no other begins.
  tail: /unsupported format/,
  isCommon: true,
});
