import { bareVersion } from '../postgres/version.ts';
import { ArchiveCursor } from '../postgres/archive-cursor.ts';
import { headerOf, isTarArchive, readArchiveHeader } from '../postgres/archive-header.ts';
import { startsAsPlainDump } from '../postgres/plain-dump.ts';

/** What the first bytes of a dump say of it; null where they do not tell. */
export interface DumpDescription {
  /** null where it is nothing that pg_dump writes. */
  format: 'custom' | 'directory' | 'tar' | 'plain' | null;
  /** What it was packed with as a whole: until it is unpacked, nothing can be said of what is inside. */
  packing: 'gzip' | 'zstd' | null;
  /** Plain SQL does not name its database. */
  database: string | null;
  serverVersion: string | null;
  dumpVersion: string | null;
  /** `2026-02-09 09:48:03`, in the time zone of the machine that made it, which is not said. */
  madeAt: string | null;
}

/**
 * Reads the start of a dump.
 * @param head of a file, or of the table of contents in the directory of `pg_dump -Fd`. Pure
 */
export function describeDump(head: Buffer, isDirectory: boolean): DumpDescription {
  const packing = isDirectory ? null : findPacking(head);
  if (packing !== null) return { ...unknown, packing };
  return startsAsPlainDump(head) ? describePlain(head) : describeArchive(head, isDirectory);
}

const unknown: DumpDescription = {
  format: null,
  packing: null,
  database: null,
  serverVersion: null,
  dumpVersion: null,
  madeAt: null,
};

/** By their magic numbers: RFC 1952 and RFC 8878. */
function findPacking(head: Buffer): DumpDescription['packing'] {
  const start = head.toString('hex', 0, 4);
  if (start.startsWith('1f8b')) return 'gzip';
  return start === '28b52ffd' ? 'zstd' : null;
}

function describePlain(head: Buffer): DumpDescription {
  const text = head.toString('utf8');
  const version = (what: string) => {
    const found = new RegExp(`^-- Dumped ${what} version (.*)$`, 'm').exec(text)?.[1];
    return found === undefined ? null : bareVersion(found);
  };
  return {
    ...unknown,
    format: 'plain',
    serverVersion: version('from database'),
    dumpVersion: version('by pg_dump'),
  };
}

function describeArchive(head: Buffer, isDirectory: boolean): DumpDescription {
  const header = readArchiveHeader(new ArchiveCursor(headerOf(head)));
  if (header === null) return unknown;
  const { database, serverVersion, dumpVersion, madeAt } = header;
  return {
    format: isDirectory ? 'directory' : isTarArchive(head) ? 'tar' : 'custom',
    packing: null,
    database,
    serverVersion: bareVersion(serverVersion),
    dumpVersion: bareVersion(dumpVersion),
    madeAt,
  };
}
