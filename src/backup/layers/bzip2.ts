import { compressionLayer } from './compression.ts';

export const bzip2 = compressionLayer<'bzip2'>({
  name: 'bzip2',
  // "BZh", a digit, and the start of a block, or of the end where there is none.
  magic: /^425a683[1-9](?:314159265359|177245385090)/,
  package: 'bzip2',
  truncated: /ends unexpectedly/,
  tail: /trailing garbage after EOF ignored/,
});
