import pg from 'pg';
import { connect, disconnect, type Connection } from '../postgres/connection.ts';
import { listRelations, type Relation } from './catalog.ts';
import { rowHashes } from './digest-query.ts';
import { pinSettings } from './pinned-settings.ts';

/** Keys of rows that differ: the first few of each kind, and how many there are of it. Never values. */
export interface KeyDifferences {
  missing: KeyList;
  extra: KeyList;
  changed: KeyList;
}

export interface KeyList {
  count: number;
  /** Primary keys as PostgreSQL prints a record: `(7)`, `(1,"a b")`. */
  first: string[];
}

/**
 * Narrows a table that differs down to the primary keys of the rows that do. Both databases are read once, in the order
 * of their keys and in batches: memory does not grow with the table.
 * @param source a connection inside of the reference's transaction
 * @returns null for a table without a primary key, or without one on both sides
 */
export async function findDifferingKeys(
  source: pg.Client,
  restored: Connection,
  table: string,
  limit: number,
): Promise<KeyDifferences | null> {
  const client = await connect(restored);
  try {
    await pinSettings(client);
    await client.query('begin transaction isolation level repeatable read, read only');
    const [before, after] = [await keyQuery(source, table), await keyQuery(client, table)];
    if (before === null || after === null) return null;
    return await merge(readRows(source, before), readRows(client, after), limit);
  } finally {
    await disconnect(client);
  }
}

interface KeyedRow {
  key: string;
  hash: string;
}

async function merge(
  before: AsyncGenerator<KeyedRow>,
  after: AsyncGenerator<KeyedRow>,
  limit: number,
): Promise<KeyDifferences> {
  const found: KeyDifferences = { missing: emptyList(), extra: emptyList(), changed: emptyList() };
  let [left, right] = await Promise.all([before.next(), after.next()]);
  while (left.done !== true || right.done !== true) {
    const order = left.done === true ? 1 : right.done === true ? -1 : compareBytes(left.value.key, right.value.key);
    if (order < 0 && left.done !== true) add(found.missing, left.value.key, limit);
    else if (order > 0 && right.done !== true) add(found.extra, right.value.key, limit);
    else if (left.done !== true && right.done !== true && left.value.hash !== right.value.hash) {
      add(found.changed, left.value.key, limit);
    }
    if (order <= 0) left = await before.next();
    if (order >= 0) right = await after.next();
  }
  return found;
}

function emptyList(): KeyList {
  return { count: 0, first: [] };
}

function add(list: KeyList, key: string, limit: number): void {
  list.count += 1;
  if (list.first.length < limit) list.first.push(key);
}

/** The order of the collation "C", in which both sides are read. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const batchSize = 5000;

async function* readRows(client: pg.Client, query: string): AsyncGenerator<KeyedRow> {
  await client.query(`declare differing_keys no scroll cursor for ${query}`);
  for (;;) {
    const { rows } = await client.query<KeyedRow>(`fetch ${batchSize} from differing_keys`);
    yield* rows;
    if (rows.length < batchSize) break;
  }
  await client.query('close differing_keys');
}

async function keyQuery(client: pg.Client, table: string): Promise<string | null> {
  const relation = (await listRelations(client)).find(({ name }) => name === table);
  if (relation === undefined) return null;
  const { rows } = await client.query<{ column: string }>(primaryKeyColumns, [relation.oid]);
  if (rows.length === 0) return null;
  const key = `row(${rows.map(({ column }) => `t.${pg.escapeIdentifier(column)}`).join(', ')})::pg_catalog.text`;
  return keyedRows(relation, key);
}

/** A partitioned table has the rows of its partitions. */
function keyedRows({ qualifiedName, columns, kind }: Relation, key: string): string {
  return `
    select ${key} as key, ${rowHashes(columns).join(" || ' ' || ")} as hash
    from ${kind === 'partitioned' ? '' : 'only '}${qualifiedName} as t
    order by ${key} collate "C"`;
}

const primaryKeyColumns = `
  select attribute.attname as column
  from pg_catalog.pg_index as index
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = index.indrelid and attribute.attnum = any (index.indkey)
  where index.indrelid = $1
  and index.indisprimary
  order by attribute.attname`;
