import { isTarArchive } from '../../postgres/archive-header.ts';
import { readDump } from '../../postgres/archive-input.ts';
import { findPlainDump, startsAsPlainDump } from '../../postgres/plain-dump.ts';
import type { BackupFinding } from '../format/backup-finding.ts';
import type { Layer } from './layer.ts';
import { isText } from './is-text.ts';
import { skipBytes } from './skip-bytes.ts';

/** Whether a file with this start is packed. */
type IsPacked = (head: Buffer) => boolean;

/** What a login, a container or pg_dump itself printed before the first byte of a dump, packed or not. */
export function preambleOf(isPacked: IsPacked): Layer<'preamble'> {
  return {
    name: 'preamble',
    tells: 'behind other text',
    readByPath: false,
    recognise: (head) => findDump(head, isPacked) > 0,
    async undo(dump, place) {
      const length = findDump(dump.head, isPacked);
      const inside = await place.store(skipBytes(readDump(dump), length));
      return { inside, warnings: [behindText(dump.head.subarray(0, length))] };
    },
  };
}

/** Where a dump begins, behind text that is none: -1 where it does not. */
function findDump(head: Buffer, isPacked: IsPacked): number {
  if (startsAsPlainDump(head)) return -1;
  const start = head.toString('latin1');
  const archive = archiveStart.exec(start)?.index ?? -1;
  if (archive > 0 && isText(start.slice(0, archive))) return archive;
  const packed = findPacked(head, isPacked);
  if (packed > 0) return packed;
  const plain = findPlainDump(head);
  // What holds a semicolon or a backslash may be SQL that somebody wants to run first.
  return plain > 0 && !/[;\\]/.test(start.slice(0, plain)) && isText(start.slice(0, plain)) ? plain : -1;
}

/** Of a tar archive, which is the longest. */
const headerBytes = 512;

/** What is packed is looked for behind whole lines alone. */
function findPacked(head: Buffer, isPacked: IsPacked): number {
  for (let at = 0, end = 0; (end = head.indexOf('\n', at) + 1) > 0; at = end) {
    if (!isText(head.toString('latin1', at, end))) return -1;
    const rest = head.subarray(end, end + headerBytes);
    if (isPacked(rest) || isTarArchive(rest)) return end;
  }
  return -1;
}

/** The magic string, a version from 1.12 on, its revision, the sizes of integers and offsets, and the format. */
const archiveStart = /PGDMP\x01[\x0c-\x10][^][\x04\x08][\x04\x08][\x01-\x05]/;

function behindText(text: Buffer): BackupFinding {
  const lines = text.toString('latin1').split('\n').length - 1;
  return {
    rule: 'DUMP_BEHIND_TEXT',
    message: `The dump begins in byte ${text.length + 1}: before it there is text that pg_dump did not write there (${lines === 1 ? 'a line' : `${lines} lines`}), a warning or a banner of ssh, docker or a shell. It was left out here; pg_restore and psql do not read the file as it is.`,
    remedy: `Keep standard error and what a login prints out of the file (no 2>&1), or let pg_dump write it with --file. This mends it: tail --bytes=+${text.length + 1}`,
  };
}
