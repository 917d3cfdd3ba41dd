import { compressionLayer } from './compression.ts';

export const xz = compressionLayer<'xz'>({
  name: 'xz',
  magic: 'fd377a585a00',
  package: 'xz-utils',
  truncated: /Unexpected end of input/,
});
