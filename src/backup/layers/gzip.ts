import { compressionLayer } from './compression.ts';

/** RFC 1952, also in several members one behind the other; and what gzip still reads of compress (.Z). */
export const gzip = compressionLayer<'gzip'>({
  name: 'gzip',
  magic: /^1f(?:8b|9d)/,
  package: 'gzip',
  truncated: /unexpected end of file/,
  tail: /decompression OK, trailing garbage ignored/,
  common: /^1f8b/,
});
