import type { DumpEntry } from './dump-comments.ts';
import type { RowsTarget } from './plain-dump-statement.ts';
import { CopyHash, HashSum } from './rows-hash.ts';

/** The rows of a table, as a dump holds them. */
export interface DumpedTable {
  rows: number;
  /** As SQL lists them; null where the dump names none. */
  columns: string | null;
  /** How the dump writes them: as text for COPY, as INSERT, or as both. */
  form: 'copy' | 'insert' | 'mixed';
  /**
   * Of the text of COPY, or of what stands between the parentheses of each INSERT: 64 hexadecimal digits. `kept`: the SHA-256 of
   * all rows. `any`: the sum of each row's, where several parts of the dump fill the table; see HashSum.
   */
  hash: string;
  order: 'kept' | 'any';
}

/** Reads rows as a dump holds them: counts and hashes them, by the table that they go into. */
export class DumpedRows {
  readonly #tables = new Map<string, Open>();
  readonly #eachRow: ReadonlySet<string>;
  /** Some of the points in time in the rows: they print in the time zone that the source was dumped in. */
  readonly timestamps = new Set<string>();
  #entry: DumpEntry | null = null;
  #open: Open | null = null;

  /** @param eachRow tables whose rows are hashed each for itself, besides those of which the dump tells that it has no order */
  constructor(eachRow: ReadonlySet<string>) {
    this.#eachRow = eachRow;
  }

  /** What follows belongs to this entry of the dump. */
  enter(entry: DumpEntry): void {
    this.#entry = entry;
  }

  startCopy(target: RowsTarget): void {
    const table = this.#qualify(target.table);
    // pg_dump --load-via-partition-root: the rows of each partition go into the parent.
    const order = this.#eachRow.has(table) || this.#isOfAnother(table) ? 'any' : 'kept';
    this.#open = this.#tables.get(table) ?? { ...blank(target, 'copy'), copied: new CopyHash(order), order };
    if (this.#open.form === 'insert') this.#open.form = 'mixed';
    this.#tables.set(table, this.#open);
  }

  addText(text: string): void {
    this.#open?.copied?.add(text);
    if (this.timestamps.size >= enoughTimestamps) return;
    for (const [found] of text.slice(0, sampled).matchAll(timestamp)) this.timestamps.add(found);
  }

  endCopy(count: number): void {
    if (this.#open !== null) this.#open.rows += count;
    this.#open = null;
  }

  addInserted(target: RowsTarget, sha256: Buffer): void {
    const table = this.#qualify(target.table);
    const open = this.#tables.get(table) ?? { ...blank(target, 'insert'), inserted: new HashSum() };
    this.#tables.set(table, open);
    open.rows += 1;
    if (open.inserted === null) open.form = 'mixed';
    open.inserted?.add(sha256);
  }

  /** To be called once. */
  end(): Map<string, DumpedTable> {
    return new Map([...this.#tables].map(([name, open]) => [name, finish(open)]));
  }

  /** pg_dump before 10.3 named tables without their schema, and set search_path for each. */
  #qualify(table: string): string {
    if (this.#entry === null || hasSchema.test(table)) return table;
    const { schema } = this.#entry;
    return schema === null ? table : `${quoted(schema)}.${table}`;
  }

  #isOfAnother(table: string): boolean {
    if (this.#entry?.type !== 'TABLE DATA') return false;
    const { object } = this.#entry;
    return bare(table) !== object && bare(table) !== `public.${object}`;
  }
}

interface Open extends Omit<DumpedTable, 'hash'> {
  copied: CopyHash | null;
  inserted: HashSum | null;
}

function blank({ columns }: RowsTarget, form: 'copy' | 'insert'): Open {
  return { rows: 0, columns, form, order: 'any', copied: null, inserted: null };
}

function finish({ copied, inserted, ...table }: Open): DumpedTable {
  return { ...table, hash: copied?.end() ?? inserted?.toString() ?? '' };
}

const hasSchema = /^(?:"(?:[^"]|"")+"|[^".]+)\./;

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Entries have names without quotes. */
function bare(name: string): string {
  return name.replace(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replaceAll('""', '"'));
}

const timestamp = /\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d(?::\d\d){0,2}(?: BC)?/g;
/** Characters at the start of each piece of rows. */
const sampled = 2048;
const enoughTimestamps = 1000;
