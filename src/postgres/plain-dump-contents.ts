import type { DumpEntry } from './dump-comments.ts';
import type { DumpText } from './dump-text.ts';
import { LargeObjectsHasher, type LargeObjectsHash } from './large-objects-hash.ts';
import type { DumpedDefinition } from './plain-dump-definitions.ts';
import { DumpedRows, type DumpedTable } from './plain-dump-rows.ts';
import type { SqlStatement } from './plain-dump-statement.ts';

/** What a dump fills a database with, as far as its statements say. */
export interface DumpedContents {
  /** Rows by table, as SQL names it: with its schema, quoted where SQL wants it. */
  tables: Map<string, DumpedTable>;
  /** Some points in time of the rows, as they are printed: see DumpedRows. */
  timestamps: string[];
  /** Encoding of the rows, as the dump names it: `UTF8`. Null where it does not. */
  encoding: string | null;
  /**
   * Whether policies may have hidden rows from pg_dump (`--enable-row-security`), as a plain dump says in its first settings; null
   * where it does not, as archives never do.
   */
  rowSecurity: 'on' | 'off' | null;
  /** Positions of sequences, by their names as SQL writes them. */
  sequences: Map<string, { lastValue: string; isCalled: boolean }>;
  largeObjects: LargeObjectsHash;
  /** Whether a column of a table must have a value, as those of every primary key. */
  hasRequiredColumn: boolean;
  /** Objects by the types of their entries in the dump's table of contents; see DumpEntry. */
  entries: Map<string, Set<string>>;
  /** Roles that own something, by the same. */
  owners: Set<string>;
  /** How many objects each of them owns. */
  owned: Map<string, number>;
  /** Who owns the database; null where the dump does not create it. */
  databaseOwner: string | null;
  /** By entry of the dump, in their order; null where they are too long to be kept. */
  definitions: DumpedDefinition[] | null;
}

/** Counts what the statements, rows and comments of a dump fill a database with. */
export class ContentsCounter {
  readonly rows: DumpedRows;
  readonly #largeObjects = new LargeObjectsHasher();
  readonly #dumpText: DumpText;
  readonly #contents: Omit<DumpedContents, 'tables' | 'timestamps' | 'encoding' | 'largeObjects' | 'definitions'> = {
    rowSecurity: null,
    sequences: new Map(),
    hasRequiredColumn: false,
    entries: new Map(),
    owners: new Set(),
    owned: new Map(),
    databaseOwner: null,
  };

  /** @param eachRow see DumpedRows */
  constructor(dumpText: DumpText, eachRow: ReadonlySet<string>) {
    this.#dumpText = dumpText;
    this.rows = new DumpedRows(eachRow);
  }

  addEntry(dumpEntry: DumpEntry): void {
    const { type, object, owner } = dumpEntry;
    const { entries, owners, owned } = this.#contents;
    if (owner !== null) {
      owners.add(owner);
    }
    // Of an extension, pg_dump writes an empty one.
    if (owner) {
      owned.set(owner, (owned.get(owner) ?? 0) + 1);
      if (type === 'DATABASE') this.#contents.databaseOwner = owner;
    }
    const objects = entries.get(type) ?? new Set();
    entries.set(type, objects.add(object));
    this.rows.enter(dumpEntry);
  }

  addStatement({ words, text, verbatim }: SqlStatement): void {
    if (words[0] === 'select') this.#addCall(verbatim);
    else if (words[0] === 'set') {
      const [, encoding] = setsEncoding.exec(verbatim) ?? [];
      if (encoding !== undefined) this.#dumpText.use(encoding);
      this.#contents.rowSecurity ??= (setsRowSecurity.exec(verbatim)?.[1] ?? null) as DumpedContents['rowSecurity'];
    } else if (/^create (?:unlogged )?table\b/.test(words.join(' ')) && /\bnot null\b/i.test(text)) {
      this.#contents.hasRequiredColumn = true;
    }
  }

  /** To be called once. */
  end(): Omit<DumpedContents, 'definitions'> {
    const tables = this.rows.end();
    const { encoding } = this.#dumpText;
    const timestamps = [...this.rows.timestamps];
    return { ...this.#contents, tables, timestamps, encoding, largeObjects: this.#largeObjects.end() };
  }

  /** pg_dump sets sequences, and writes large objects, by calls of functions. */
  #addCall(call: string): void {
    const [, name = '', lastValue, isCalled] = setsSequence.exec(call) ?? [];
    if (lastValue !== undefined) {
      const sequence = this.#dumpText.decode(name).replaceAll("''", "'");
      this.#contents.sequences.set(sequence, { lastValue, isCalled: isCalled === 'true' });
      return;
    }
    const [, bytes] = writesLargeObject.exec(call) ?? [];
    if (bytes !== undefined) this.#largeObjects.add(bytes);
    else if (call.startsWith(' pg_catalog.lowrite(')) this.#largeObjects.addUnclear();
    const [, oid] = opensLargeObject.exec(call) ?? [];
    if (oid !== undefined) this.#largeObjects.open(oid);
  }
}

const setsSequence = /^ pg_catalog\.setval\('((?:[^']|'')+)', (-?\d+), (true|false)\);$/;
const opensLargeObject = /^ pg_catalog\.lo_open\('(\d+)'/;
const writesLargeObject = /^ pg_catalog\.lowrite\(0, '\\x([0-9a-f]*)'\);$/;
const setsRowSecurity = /^ row_security = (on|off);$/;
const setsEncoding = /^ client_encoding = '(\w+)';$/;
