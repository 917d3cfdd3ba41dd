import type { DumpEntry } from './dump-comments.ts';
import { decode } from './plain-dump-lexer.ts';
import type { SqlStatement } from './plain-dump-statement.ts';

/** What a dump fills a database with, as far as its statements say. */
export interface DumpedContents {
  /** Rows by table, as COPY names it: with its schema, quoted where SQL wants it. */
  rows: Map<string, number>;
  /** Statements that insert rows, of dumps that were taken with --inserts. */
  inserts: number;
  /** Positions of sequences, by their names as SQL writes them. */
  sequences: Map<string, { lastValue: string; isCalled: boolean }>;
  largeObjects: number;
  /** Whether a column of a table must have a value, as those of every primary key. */
  hasRequiredColumn: boolean;
  /** Objects by the types of their entries in the dump's table of contents; see DumpEntry. */
  entries: Map<string, Set<string>>;
  /** Roles that own something, by the same. */
  owners: Set<string>;
}

/** Counts what the statements, rows and comments of a dump fill a database with. */
export class ContentsCounter {
  readonly contents: DumpedContents = {
    rows: new Map(),
    inserts: 0,
    sequences: new Map(),
    largeObjects: 0,
    hasRequiredColumn: false,
    entries: new Map(),
    owners: new Set(),
  };

  addEntry({ type, object, owner }: DumpEntry): void {
    const { entries, owners } = this.contents;
    if (owner !== null) owners.add(owner);
    const objects = entries.get(type) ?? new Set();
    entries.set(type, objects.add(object));
  }

  addRows(table: string, count: number): void {
    const { rows } = this.contents;
    rows.set(table, (rows.get(table) ?? 0) + count);
  }

  addStatement({ words, text, verbatim }: SqlStatement): void {
    if (words[0] === 'insert') this.contents.inserts += 1;
    else if (words[0] === 'select') this.#addCall(verbatim);
    else if (/^create (?:unlogged )?table\b/.test(words.join(' ')) && /\bnot null\b/i.test(text)) {
      this.contents.hasRequiredColumn = true;
    }
  }

  /** pg_dump sets sequences, and opens large objects to write into them, by calls of functions. */
  #addCall(call: string): void {
    const [, name = '', lastValue, isCalled] = setsSequence.exec(call) ?? [];
    if (lastValue !== undefined) {
      this.contents.sequences.set(decode(name).replaceAll("''", "'"), { lastValue, isCalled: isCalled === 'true' });
    } else if (opensLargeObject.test(call)) this.contents.largeObjects += 1;
  }
}

const setsSequence = /^ pg_catalog\.setval\('((?:[^']|'')+)', (-?\d+), (true|false)\);$/;
const opensLargeObject = /^ pg_catalog\.lo_open\(/;
