import { readDump } from '../../postgres/archive-input.ts';
import type { BackupFinding } from '../format/backup-finding.ts';
import { isText } from './is-text.ts';
import type { Layer } from './layer.ts';
import { skipBytes } from './skip-bytes.ts';

const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Before UTF-8, as editors on Windows write it. psql passes over it, too; pg_restore and programs that unpack do not. */
export const byteOrderMark: Layer<'byte order mark'> = {
  name: 'byte order mark',
  tells: 'behind a byte order mark',
  readByPath: false,
  recognise: (head) => head.subarray(0, 3).equals(mark),
  async undo(dump, place) {
    const inside = await place.store(skipBytes(readDump(dump), mark.length));
    return { inside, warnings: isText(inside.head.toString('latin1')) ? [] : [behindMark] };
  },
};

const behindMark: BackupFinding = {
  rule: 'DUMP_BEHIND_TEXT',
  message:
    'Before the first byte of the dump there is a byte order mark (UTF-8), as an editor or PowerShell writes it. It was left out here; nothing that restores or unpacks reads the file as it is.',
  remedy: 'See which program of the backup job writes files as text. This mends it: tail --bytes=+4',
};
