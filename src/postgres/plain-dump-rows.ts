import type { DumpEntry } from './dump-comments.ts';
import type { RowsTarget } from './plain-dump-statement.ts';
import { CopyHash, HashSum } from './rows-hash.ts';

/** The rows of a table, as a dump holds them. */
export interface DumpedTable {
  rows: number;
  /** As SQL lists them; null where the dump names none. */
  columns: string | null;
  /** How the dump writes them: as text for COPY, as INSERT, or in ways that cannot be put together. */
  form: 'copy' | 'insert' | 'mixed';
  /**
   * Of the text of COPY, or of what stands between the parentheses of each INSERT: 64 hexadecimal digits. `kept`: the SHA-256 of
   * all rows. `any`: the sum of each row's; see HashSum.
   */
  hash: string;
  order: 'kept' | 'any';
  /** Of a partitioned table that the rows of its partitions go through (pg_dump --load-via-partition-root): these. */
  parts: DumpedPart[];
}

/** The rows of a partition, in their order. */
export interface DumpedPart {
  /** As SQL names it. */
  table: string;
  columns: string | null;
  hash: string;
}

/** Reads rows as a dump holds them: counts and hashes them, by the table that they go into. */
export class DumpedRows {
  readonly #tables = new Map<string, Open>();
  readonly #eachRow: ReadonlySet<string>;
  /** Some of the points in time in the rows: they print in the time zone that the source was dumped in. */
  readonly timestamps = new Set<string>();
  #entry: DumpEntry | null = null;
  #open: { table: Open; hash: CopyHash } | null = null;

  /** @param eachRow tables whose rows are hashed each for itself: whatever their order is */
  constructor(eachRow: ReadonlySet<string>) {
    this.#eachRow = eachRow;
  }

  /** What follows belongs to this entry of the dump. */
  enter(entry: DumpEntry): void {
    this.#entry = entry;
  }

  startCopy(target: RowsTarget): void {
    const name = this.#qualify(target.table);
    const table = this.#find(name, target, 'copy');
    if (table.form === 'insert' || (table.order === 'any' && table.columns !== target.columns)) table.form = 'mixed';
    const part = this.#eachRow.has(name) ? null : this.#partOf(name);
    this.#open = { table, hash: part === null ? table.copied : new CopyHash('kept') };
    if (part !== null) table.parts.push({ table: part, columns: target.columns, hash: this.#open.hash });
  }

  addText(text: string): void {
    this.#open?.hash.add(text);
    this.noteTimestamps(text.slice(0, sampled));
  }

  /** Looks for points in time in some of the text of rows. */
  noteTimestamps(text: string): void {
    if (this.timestamps.size >= enoughTimestamps) return;
    for (const [found] of text.matchAll(timestamp)) this.timestamps.add(found);
  }

  endCopy(count: number): void {
    if (this.#open !== null) this.#open.table.rows += count;
    this.#open = null;
  }

  addInserted(target: RowsTarget, sha256: Buffer): void {
    const table = this.#find(this.#qualify(target.table), target, 'insert');
    table.rows += 1;
    if (table.form === 'copy') table.form = 'mixed';
    table.inserted.add(sha256);
  }

  /** To be called once. */
  end(): Map<string, DumpedTable> {
    return new Map([...this.#tables].map(([name, table]) => [name, finish(table)]));
  }

  #find(name: string, { columns }: RowsTarget, form: 'copy' | 'insert'): Open {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const order = form === 'insert' || this.#eachRow.has(name) ? 'any' : 'kept';
    const table: Open = {
      ...{ rows: 0, columns, form, order, parts: [] },
      copied: new CopyHash(order),
      inserted: new HashSum(),
    };
    this.#tables.set(name, table);
    return table;
  }

  /** pg_dump before 10.3 named tables without their schema, and set search_path for each. */
  #qualify(table: string): string {
    if (this.#entry === null || hasSchema.test(table)) return table;
    const { schema } = this.#entry;
    return schema === null ? table : `${quoted(schema)}.${table}`;
  }

  /** The partition whose rows go into the table; null where they are the table's own. */
  #partOf(table: string): string | null {
    if (this.#entry?.type !== 'TABLE DATA' || this.#entry.schema === null) return null;
    const { name, schema } = this.#entry;
    return entryName(table) === `${schema}.${name}` ? null : `${quoted(schema)}.${quoted(name)}`;
  }
}

interface Open extends Omit<DumpedTable, 'hash' | 'parts'> {
  parts: (Omit<DumpedPart, 'hash'> & { hash: CopyHash })[];
  copied: CopyHash;
  inserted: HashSum;
}

function finish({ copied, inserted, parts, ...table }: Open): DumpedTable {
  return {
    ...table,
    hash: table.form === 'insert' ? inserted.toString() : copied.end(),
    parts: parts.map((part) => ({ ...part, hash: part.hash.end() })),
  };
}

const hasSchema = /^(?:"(?:[^"]|"")+"|[^".]+)\./;

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A name in SQL as comments of pg_dump have it: without quotes and line breaks. */
function entryName(name: string): string {
  const bare = name.replace(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replaceAll('""', '"'));
  return bare.replace(/[\r\n]/g, ' ');
}

const timestamp = /\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d(?::\d\d){0,2}(?: BC)?/g;
/** Characters at the start of each piece of rows. */
const sampled = 2048;
const enoughTimestamps = 1000;
