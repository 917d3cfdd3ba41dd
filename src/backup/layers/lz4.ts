import { compressionLayer } from './compression.ts';

export const lz4 = compressionLayer<'lz4'>({
  name: 'lz4',
  magic: '04224d18',
  package: 'lz4',
  truncated: /Unfinished stream|premature end/i,
});
