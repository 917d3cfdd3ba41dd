import type { ListedEntry } from '../../postgres/listed-entry.ts';
import { findSchema, findTables, qualify, tableTypes, type Selection } from './find-tables.ts';

/** A part of a backup: tables with what they need, and nothing else. */
export interface Part {
  /** The entries of the dump that are restored. */
  ids: ReadonlySet<number>;
  /** The tables that were asked for, with their partitions. */
  tables: ListedEntry[];
  /** Tables that others need to be defined: they have no rows. */
  withoutRows: ListedEntry[];
  /** What belongs to the tables, or is in the schemas, and needs something that is not a part of this. */
  leftOut: LeftOut[];
  /** Whether the backup has large objects, of which none is restored: nothing says which table they are of. */
  largeObjects: boolean;
}

export interface LeftOut {
  entry: ListedEntry;
  /** What it needs. */
  without: ListedEntry;
}

/**
 * Chooses the tables that are asked for, with their partitions, rows, keys, indexes, triggers and the like, and what these
 * need: schemas, types, functions, sequences, extensions. What needs another table is left out, and named. Pure.
 * @throws OperationalError BAD_USAGE where a name is not that of a table of the backup
 */
export function choosePart(entries: readonly ListedEntry[], selection: Selection): Part {
  const attachments = readAttachments(entries);
  const asked = withPartitions(findTables(entries, selection), attachments);
  const schemas = selection.schemas.map((wanted) => findSchema(entries, wanted));
  const chooser = new Chooser(entries, asked, attachments);
  const isOfSchema = ({ schema, type }: ListedEntry) => schemas.includes(schema ?? '') && !neverOfSchema.includes(type);
  chooser.addAll((entry) => chooser.hangsOnPart(entry) || isOfSchema(entry));
  return chooser.end();
}

/** What holds rows or shows those of tables. */
const relationTypes: readonly string[] = [...tableTypes, 'VIEW', 'MATERIALIZED VIEW'];

/** What is nothing without the object that it belongs to. */
const hanging: readonly string[] = [
  ...['TABLE DATA', 'DEFAULT', 'CONSTRAINT', 'CHECK CONSTRAINT', 'FK CONSTRAINT', 'NOT NULL CONSTRAINT', 'INDEX'],
  ...['INDEX ATTACH', 'TABLE ATTACH', 'TRIGGER', 'RULE', 'POLICY', 'ROW SECURITY', 'STATISTICS', 'STATISTICS DATA'],
  ...['COMMENT', 'ACL', 'SECURITY LABEL', 'SEQUENCE OWNED BY', 'SEQUENCE SET', 'MATERIALIZED VIEW DATA'],
];

/** What a schema does not take along: it is the server's, the database's, or of nobody in particular. */
const neverOfSchema: readonly string[] = [...hanging, 'DEFAULT ACL', 'PUBLICATION TABLE', 'EXTENSION', 'SCHEMA'];

/** Each partition with the table that it is a part of. */
type Attachments = Map<ListedEntry, ListedEntry>;

/** TABLE ATTACH has the name of the partition, and needs both. */
function readAttachments(entries: readonly ListedEntry[]): Attachments {
  const tables = new Map(entries.filter(({ type }) => tableTypes.includes(type)).map((entry) => [entry.id, entry]));
  const attachments: Attachments = new Map();
  for (const { type, name, schema, needs } of entries) {
    if (type !== 'TABLE ATTACH') continue;
    const both = needs.map((id) => tables.get(id)).filter((table) => table !== undefined);
    const isPartition = (table: ListedEntry) => table.name === name && table.schema === schema;
    const [partition, parent] = [both.find(isPartition), both.find((table) => !isPartition(table))];
    if (partition !== undefined && parent !== undefined) attachments.set(partition, parent);
  }
  return attachments;
}

function withPartitions(tables: ListedEntry[], attachments: Attachments): ListedEntry[] {
  const all = new Set(tables);
  for (const table of all) for (const [partition, parent] of attachments) if (parent === table) all.add(partition);
  return [...all];
}

class Chooser {
  readonly #entries: readonly ListedEntry[];
  readonly #byId: Map<number, ListedEntry>;
  /** Relations of the part, with their rows. */
  readonly #asked: Set<ListedEntry>;
  readonly #chosen = new Set<ListedEntry>();
  readonly #leftOut = new Map<ListedEntry, ListedEntry>();
  readonly #attachments: Attachments;

  constructor(entries: readonly ListedEntry[], asked: ListedEntry[], attachments: Attachments) {
    this.#entries = entries;
    this.#attachments = attachments;
    this.#byId = new Map(entries.map((entry) => [entry.id, entry]));
    this.#asked = new Set(asked);
    for (const table of asked) this.#add(table);
  }

  hangsOnPart(entry: ListedEntry): boolean {
    const { type, needs } = entry;
    const objects = needs.map((id) => this.#byId.get(id)).filter((each) => each !== undefined);
    // The sequence of an identity column needs its table; others are needed by theirs.
    if (type === 'SEQUENCE') return objects.some((each) => this.#asked.has(each));
    if (!hanging.includes(type)) return false;
    return objects.some((each) => this.#chosen.has(each) && (this.#asked.has(each) || !this.#isRelation(each)));
  }

  /** Adds what fits until there is no more: what was added may be what the next one belongs to. */
  addAll(fits: (entry: ListedEntry) => boolean): void {
    for (let before = -1; before !== this.#chosen.size;) {
      before = this.#chosen.size;
      for (const entry of this.#entries) if (!this.#chosen.has(entry) && fits(entry)) this.#addWhole(entry);
    }
  }

  end(): Part {
    const chosen = [...this.#chosen];
    const tables = chosen.filter(({ type }) => tableTypes.includes(type));
    return {
      ids: new Set(chosen.map(({ id }) => id)),
      tables: tables.filter((table) => this.#asked.has(table)),
      withoutRows: tables.filter((table) => !this.#asked.has(table)),
      leftOut: [...this.#leftOut].map(([entry, without]) => ({ entry, without })),
      largeObjects: this.#entries.some(({ type }) => /^(?:BLOB|LARGE OBJECT)/.test(type)),
    };
  }

  /** With what it needs; without it, where that is a relation with rows that are not of the part. */
  #addWhole(entry: ListedEntry): void {
    const needed = this.#closure(entry);
    const missing = needed.find((each) => each !== entry && this.#isRelation(each) && !this.#asked.has(each));
    if (missing !== undefined) {
      if (!this.#isOfOthers(entry)) this.#leftOut.set(entry, missing);
      return;
    }
    this.#leftOut.delete(entry);
    if (this.#isRelation(entry)) this.#asked.add(entry);
    for (const each of needed) this.#chosen.add(each);
  }

  /** A foreign key of another table, which refers to one of the part. The name of its table stands in front. */
  #isOfOthers({ type, schema, name }: ListedEntry): boolean {
    if (type !== 'FK CONSTRAINT') return false;
    return ![...this.#asked].some((table) => table.schema === schema && name.startsWith(`${table.name} `));
  }

  #add(entry: ListedEntry): void {
    for (const each of this.#closure(entry)) this.#chosen.add(each);
  }

  /** A partition is attached by an entry of its own, and can be without the table that it is a part of. */
  #closure(start: ListedEntry): ListedEntry[] {
    const found = new Set([start]);
    for (const entry of found) {
      for (const need of entry.needs) {
        const each = this.#byId.get(need);
        if (each !== undefined && this.#attachments.get(entry) !== each) found.add(each);
      }
    }
    return [...found];
  }

  #isRelation({ type }: ListedEntry): boolean {
    return relationTypes.includes(type);
  }
}

/** What was left out, for people. Pure. */
export function describeLeftOut({ entry, without }: LeftOut): string {
  return `${entry.type.toLowerCase()} ${entry.name}: it needs ${qualify(without)}`;
}
