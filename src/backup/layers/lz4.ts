import { compressionLayer } from './compression.ts';

/** Frames, also those of its first versions, which Linux kernels have and `lz4 -l` writes. */
export const lz4 = compressionLayer<'lz4'>({
  name: 'lz4',
  magic: /^(?:04224d18|02214c18)/,
  package: 'lz4',
  // Without it, nothing is said of bytes behind the end.
  args: ['--verbose'],
  truncated: /Unfinished stream|premature end/i,
  tail: /followed by undecodable data|Magic Number unreadable/i,
});
