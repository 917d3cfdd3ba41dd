import { ArchiveCursor } from './archive-cursor.ts';

/** What stands at the start of an archive of pg_dump, before its table of contents. */
export interface ArchiveHeader {
  /** Version of the archive's format, like [1, 14]. */
  formatVersion: [number, number];
  /** Bytes of an offset into the archive. */
  offsetBytes: number;
  /** When it was made, in the local time of the machine that made it, which it does not name: `2026-02-09 09:48:03`. */
  madeAt: string;
  database: string;
  /** Of the server that it was taken from, as it says it: `15.18 (Debian 15.18-0+deb12u1)`. */
  serverVersion: string;
  /** Of the pg_dump that took it. */
  dumpVersion: string;
}

/** Whether this is the start of an archive in tar format: its table of contents comes first. */
export function isTarArchive(head: Buffer): boolean {
  return head.toString('latin1', 257, 262) === 'ustar' && head.toString('latin1', 0, 8) === 'toc.dat\0';
}

/**
 * Reads the header of an archive in custom format, of the `toc.dat` in directory format, or of a tar archive. The format is
 * that of WriteHead in PostgreSQL's pg_backup_archiver.c.
 * @param cursor at the start; afterwards it stands at the table of contents
 * @returns null for anything else, for what is cut, and for formats before 1.12 (PostgreSQL 9) and behind 1.16 (18)
 */
export function readArchiveHeader(cursor: ArchiveCursor): ArchiveHeader | null {
  try {
    return read(cursor);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** How many entries the table of contents of an archive has; null where this is none. Pure. */
export function countEntries(head: Buffer): number | null {
  const cursor = new ArchiveCursor(head);
  if (isTarArchive(head)) cursor.skip(tarHeaderBytes);
  return readArchiveHeader(cursor) === null ? null : cursor.integer();
}

/** Of the header of each file in a tar archive. */
export const tarHeaderBytes = 512;

function read(cursor: ArchiveCursor): ArchiveHeader | null {
  if (cursor.latin1(5) !== 'PGDMP') return null;
  const [major, minor] = [cursor.byte(), cursor.byte()];
  if (major !== 1 || minor < 12 || minor > 16) return null;
  cursor.skip(1); // revision
  cursor.integerBytes = cursor.byte();
  const offsetBytes = cursor.byte();
  cursor.skip(1); // format
  // Compression: an algorithm from 1.15 on, a level before.
  if (minor >= 15) cursor.skip(1);
  else cursor.integer();
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = Array.from({ length: 7 }, () =>
    cursor.integer(),
  ); // struct tm; the seventh says whether it is summer time
  const [database, serverVersion, dumpVersion] = [cursor.text(), cursor.text(), cursor.text()];
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    formatVersion: [major, minor],
    offsetBytes,
    madeAt: `${year + 1900}-${two(month + 1)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`,
    database: database ?? '',
    serverVersion: serverVersion ?? '',
    dumpVersion: dumpVersion ?? '',
  };
}
