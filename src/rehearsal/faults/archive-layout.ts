import { ArchiveCursor } from '../../postgres/archive-cursor.ts';
import { readArchiveHeader } from '../../postgres/archive-header.ts';

/** Where the parts of an archive in custom format lie. Offsets in bytes from its start. */
export interface ArchiveLayout {
  /** Version of the format, like [1, 14]. */
  version: [number, number];
  /** Of the count of entries, which is the first thing after the header. */
  contentsStart: number;
  /** Of the first block of data. */
  dataStart: number;
  entries: { dumpId: number; description: string; name: string; definitionStart: number | null }[];
}

/**
 * Takes an archive of pg_dump in custom format apart, as far as a damage has to know where it strikes. The format is that
 * of WriteHead, WriteToc and _WriteExtraToc in PostgreSQL's pg_backup_archiver.c and pg_backup_custom.c.
 * @throws Error for a version of the format other than 1.14 to 1.16 (PostgreSQL 14 to 18)
 */
export function readArchiveLayout(archive: Buffer): ArchiveLayout {
  const cursor = new ArchiveCursor(archive);
  const header = readArchiveHeader(cursor);
  if (header === null || header.formatVersion[1] < 14) {
    const [, , , , , major = 0, minor = 0] = archive;
    throw new Error(`This is no archive of a known version: ${archive.toString('latin1', 0, 5)} ${major}.${minor}.`);
  }
  const { formatVersion, offsetBytes } = header;
  const contentsStart = cursor.at;
  const count = cursor.integer();
  const entries = Array.from({ length: count }, () => readEntry(cursor, formatVersion[1], offsetBytes));
  return { version: formatVersion, contentsStart, dataStart: cursor.at, entries };
}

function readEntry(cursor: ArchiveCursor, minor: number, offsetBytes: number): ArchiveLayout['entries'][number] {
  const dumpId = cursor.integer();
  cursor.integer(); // whether it has data
  cursor.text(); // oid of the catalogue
  cursor.text(); // oid of the object
  const name = cursor.text() ?? '';
  const description = cursor.text() ?? '';
  cursor.integer(); // section
  const definition = cursor.textStart();
  cursor.text(); // statement that drops it
  cursor.text(); // COPY statement
  cursor.text(); // schema
  cursor.text(); // tablespace
  cursor.text(); // table access method
  if (minor >= 16) cursor.integer(); // kind of relation
  cursor.text(); // owner
  cursor.text(); // "false", once WITH OIDS
  while (cursor.text() !== null); // what it depends on
  cursor.skip(1 + offsetBytes); // offset of its data
  return { dumpId, description, name, definitionStart: definition };
}
