import { readDump } from '../../postgres/archive-input.ts';
import type { Layer } from './layer.ts';
import { skipBytes } from './skip-bytes.ts';

const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Before UTF-8, as editors on Windows write it. psql passes over it, too: there is nothing to be mended. */
export const byteOrderMark: Layer<'byte order mark'> = {
  name: 'byte order mark',
  tells: 'behind a byte order mark',
  readByPath: false,
  recognise: (head) => head.subarray(0, 3).equals(mark),
  async undo(dump, place) {
    return { inside: await place.store(skipBytes(readDump(dump), mark.length)), warnings: [] };
  },
};
