import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { ArchiveCursor } from './archive-cursor.ts';
import { isTarArchive, readArchiveHeader, tarHeaderBytes, type ArchiveHeader } from './archive-header.ts';
import { readDump, type DumpFile } from './archive-input.ts';
import { DumpText } from './dump-text.ts';
import type { ListedEntry } from './listed-entry.ts';

/**
 * Reads the table of contents of an archive, with what each entry needs, which `pg_restore --list` does not say in a way that
 * names with spaces survive. Only as much is read as it takes.
 * @param defined types of entries whose definitions are kept
 * @returns null where it is none, or cut
 */
export async function readArchiveEntries(
  dump: DumpFile,
  defined: ReadonlySet<string> = new Set(),
): Promise<ListedEntry[] | null> {
  const isTar = isTarArchive(dump.head);
  const place: Place = { start: isTar ? tarHeaderBytes : 0, isCustom: dump.seal !== null, defined };
  const pieces: Buffer[] = [];
  let [sizeBytes, tryAt] = [0, firstTryBytes];
  for await (const chunk of contentsOf(dump, isTar)) {
    pieces.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes < tryAt) continue;
    const entries = parse(Buffer.concat(pieces), place);
    if (entries !== null) return entries;
    tryAt = sizeBytes * 2;
  }
  return parse(Buffer.concat(pieces), place);
}

interface Place {
  /** Where the archive's own bytes begin. */
  start: number;
  /** Behind each entry, the custom format has an offset; the others have the name of a file. */
  isCustom: boolean;
  defined: ReadonlySet<string>;
}

/** Tables of contents have some hundred bytes an entry. */
const firstTryBytes = 1024 * 1024;

function contentsOf(dump: DumpFile, isTar: boolean): AsyncIterable<Buffer> {
  return dump.seal === null && !isTar ? createReadStream(join(dump.file, 'toc.dat')) : readDump(dump);
}

function parse(bytes: Buffer, { start, ...place }: Place): ListedEntry[] | null {
  const cursor = new ArchiveCursor(bytes);
  cursor.skip(start);
  try {
    const header = readArchiveHeader(cursor);
    if (header === null) return null;
    const text = new DumpText();
    const count = cursor.integer();
    return Array.from({ length: count }, () => readEntry(cursor, header, place, text));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** As ReadToc in PostgreSQL's pg_backup_archiver.c reads it, for the formats that readArchiveHeader knows. */
function readEntry(
  cursor: ArchiveCursor,
  { formatVersion: [, minor], offsetBytes }: ArchiveHeader,
  { isCustom, defined }: Omit<Place, 'start'>,
  text: DumpText,
): ListedEntry {
  const read = () => {
    const bytes = cursor.bytes();
    return bytes === null ? null : text.decode(bytes);
  };
  const id = cursor.integer();
  cursor.integer(); // whether data follow
  passOver(cursor, 2); // the oids of its catalog and of itself
  const [name, type] = [read(), read()];
  cursor.integer(); // section
  const definition = cursor.bytes();
  if (type === 'ENCODING') text.use(/'(\w+)'/.exec(definition ?? '')?.[1] ?? 'UTF8');
  passOver(cursor, 2); // how to drop it, and its COPY
  const schema = read();
  passOver(cursor, minor >= 14 ? 2 : 1); // tablespace, access method
  if (minor >= 16) cursor.integer(); // kind of relation
  const owner = read();
  passOver(cursor, 1); // whether it has oids
  const needs: number[] = [];
  for (let need = cursor.bytes(); need !== null; need = cursor.bytes()) needs.push(Number(need));
  if (isCustom) cursor.skip(1 + offsetBytes);
  else passOver(cursor, 1);
  const kept = defined.has(type ?? '') ? { definition: definition ?? '' } : {};
  return { id, type: type ?? '', schema: schema || null, name: name ?? '', owner: owner || null, needs, ...kept };
}

function passOver(cursor: ArchiveCursor, texts: number): void {
  for (let left = texts; left > 0; left -= 1) cursor.textStart();
}
