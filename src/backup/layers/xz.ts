import { compressionLayer } from './compression.ts';

/** And what lzma wrote before (.lzma), which has no magic number, but properties and sizes of dictionaries that are in use. */
export const xz = compressionLayer<'xz'>({
  name: 'xz',
  magic: /^(?:fd377a585a00|5d0000[0-9a-f]{4}(?:f{16}|[0-9a-f]{10}0{6}))/,
  package: 'xz-utils',
  truncated: /Unexpected end of input/,
  passOverTail: ['--single-stream'],
});
