import type { FileSink } from './sink.ts';

/** The evidence itself, for programs. */
export const json: FileSink = {
  file: 'evidence.json',
  render: (evidence) => `${JSON.stringify(evidence, null, 2)}\n`,
};
