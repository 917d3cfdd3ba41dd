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
  const [major = 0, minor = 0, , integerBytes = 0, offsetBytes = 0] = archive.subarray(5, 10);
  if (archive.toString('latin1', 0, 5) !== 'PGDMP' || major !== 1 || minor < 14 || minor > 16) {
    throw new Error(`This is no archive of a known version: ${archive.toString('latin1', 0, 5)} ${major}.${minor}.`);
  }
  const cursor = new Cursor(archive, integerBytes);
  cursor.skip(11);
  // Compression: an algorithm from 1.15 on, a level before.
  if (minor >= 15) cursor.skip(1);
  else cursor.integer();
  for (let field = 0; field < 7; field += 1) cursor.integer(); // struct tm of the moment, in local time
  for (let field = 0; field < 3; field += 1) cursor.text(); // database, version of the server, version of pg_dump
  const contentsStart = cursor.at;
  const count = cursor.integer();
  const entries = Array.from({ length: count }, () => readEntry(cursor, minor, offsetBytes));
  return { version: [major, minor], contentsStart, dataStart: cursor.at, entries };
}

function readEntry(cursor: Cursor, minor: number, offsetBytes: number): ArchiveLayout['entries'][number] {
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

/** Reads integers (a byte for the sign, then little-endian) and texts (a length, -1 for none, then bytes). */
class Cursor {
  at = 0;
  readonly #bytes: Buffer;
  readonly #integerBytes: number;

  constructor(bytes: Buffer, integerBytes: number) {
    this.#bytes = bytes;
    this.#integerBytes = integerBytes;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  integer(): number {
    const negative = this.#bytes.readUInt8(this.at) !== 0;
    const value = this.#bytes.readUIntLE(this.at + 1, this.#integerBytes);
    this.at += 1 + this.#integerBytes;
    return negative ? -value : value;
  }

  text(): string | null {
    const start = this.textStart();
    return start === null ? null : this.#bytes.toString('utf8', start, this.at);
  }

  /** Passes over a text. Its first byte's offset, or null where there is no text. */
  textStart(): number | null {
    const length = this.integer();
    if (length < 0) return null;
    const start = this.at;
    this.at += length;
    return start;
  }
}
