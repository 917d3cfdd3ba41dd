import { compressionLayer } from './compression.ts';

/** RFC 1952, also in several members one behind the other. */
export const gzip = compressionLayer<'gzip'>({
  name: 'gzip',
  magic: '1f8b',
  package: 'gzip',
  truncated: /unexpected end of file/,
  tail: /decompression OK, trailing garbage ignored/,
  isCommon: true,
});
