import { compressionLayer } from './compression.ts';

export const bzip2 = compressionLayer<'bzip2'>({
  name: 'bzip2',
  // "BZh"; a digit and the start of a block follow.
  magic: '425a68',
  package: 'bzip2',
  truncated: /ends unexpectedly/,
  tail: /trailing garbage after EOF ignored/,
});
