import { readDump, type DumpFile } from './archive-input.ts';
import { PlainDumpReader, type PlainDump } from './plain-dump-reader.ts';

/**
 * Whether this is the start of a dump of pg_dump in plain SQL, which says so in its first lines, or all that is left of one. Pure.
 * @param head the first bytes of the file; all of a shorter one
 */
export function startsAsPlainDump(head: Buffer): boolean {
  const text = head.toString('latin1', 0, 200);
  return /^\s*(?:--\s*\n)?-- PostgreSQL database dump\s*\n/.test(text) || (text !== '' && firstLines.startsWith(text));
}

/**
 * Where a dump of pg_dump in plain SQL begins in a text; -1 where none does. Pure.
 * @param head the first bytes of the file
 */
export function findPlainDump(head: Buffer): number {
  return /^--\r?\n-- PostgreSQL database dump\r?\n/m.exec(head.toString('latin1'))?.index ?? -1;
}

const firstLines = '--\n-- PostgreSQL database dump\n';

/**
 * Looks for commands of psql in a plain SQL dump, some of which run programs on the machine of whoever restores it.
 * Reads it once, as a stream: memory does not grow with its size.
 * @param eachRow tables whose rows are hashed each for itself: see DumpedRows
 */
export async function scanPlainDump(dump: DumpFile, eachRow?: ReadonlySet<string>): Promise<PlainDump> {
  const reader = new PlainDumpReader(eachRow);
  for await (const chunk of readDump(dump)) {
    reader.feed(chunk.toString('latin1'));
    if (reader.metaCommands.length >= enough) break;
  }
  return reader.end();
}

const enough = 20;
