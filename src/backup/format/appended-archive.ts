import { ArchiveCursor } from '../../postgres/archive-cursor.ts';
import { readArchiveHeader, type ArchiveHeader } from '../../postgres/archive-header.ts';
import { readDump, type DumpFile } from '../../postgres/archive-input.ts';
import type { BackupFinding } from './backup-finding.ts';

/** Says of an archive in custom format that another stands behind its end, which pg_restore never comes to; null where none does. */
export async function findAppended(dump: DumpFile): Promise<BackupFinding | null> {
  const first = readHeader(dump.head);
  if (first === null) return null;
  let kept = Buffer.alloc(0);
  for await (const chunk of readDump(dump)) {
    const bytes = Buffer.concat([kept, chunk]);
    const second = findHeader(bytes);
    if (second !== null) return appended(first, second);
    kept = bytes.subarray(-headerBytes);
  }
  return null;
}

/** Enough for the names and versions in a header. */
const headerBytes = 1024;

const magic = Buffer.from('PGDMP');
/** The end of the last block of data, and of a table of contents that has none. A large object may hold an archive, too. */
const archiveEnd = Buffer.alloc(5);

function findHeader(bytes: Buffer): ArchiveHeader | null {
  for (let at = bytes.indexOf(magic, 1); at !== -1; at = bytes.indexOf(magic, at + 1)) {
    if (at < archiveEnd.length || !bytes.subarray(at - archiveEnd.length, at).equals(archiveEnd)) continue;
    const header = readHeader(bytes.subarray(at, at + headerBytes));
    if (header !== null) return header;
  }
  return null;
}

function readHeader(head: Buffer): ArchiveHeader | null {
  return head.toString('latin1', 0, 5) === 'PGDMP' ? readArchiveHeader(new ArchiveCursor(head)) : null;
}

function appended(first: ArchiveHeader, second: ArchiveHeader): BackupFinding {
  const name = ({ database, madeAt }: ArchiveHeader) => `${database} of ${madeAt}`;
  return {
    rule: 'DUMPED_TWICE',
    message: `The file holds several archives one behind the other (${name(first)}, then ${name(second)}): pg_restore reads the first alone.`,
    remedy: 'The backup job appends to its file (>>): let it write each dump to a file of its own, under another name.',
  };
}
