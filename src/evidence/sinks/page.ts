import type { FileSink } from './sink.ts';

/** The evidence as a page. What draws it is loaded where there is something to draw. */
export const page: FileSink = {
  file: 'evidence.html',
  render: async (evidence, signedBy) => (await import('../page/run/run-page.tsx')).renderRunPage(evidence, signedBy),
};
