import pg from 'pg';
import { nameKey } from '../../postgres/name-key.ts';
import { listRelations, type Relation } from '../../snapshot/catalog.ts';
import { rowHashes } from '../../snapshot/digest-query.ts';
import { mergeRows, type KeyLists } from './merge-rows.ts';
import { isOutOfTime, limitTo, type DiffLimits } from './diff-limits.ts';
import { readShape } from './table-shape.ts';

/** Which rows of a table are not the same in two databases. */
export interface RowDiff extends KeyLists {
  /** The columns that rows are told by; null where nothing is unique: then they are told by a hash of all of their values. */
  key: string[] | null;
  /** Columns that only one of the two has, or that have another type there: they are not compared. */
  notCompared: string[];
  /** Whether there was time for all rows. */
  complete: boolean;
}

/**
 * Compares the rows of a table in two databases of one server. Both are read once for sums of hashes by parts of the table,
 * which the keys are spread over; only where those differ, keys and hashes of rows are read, in the order of a hash, and put
 * together. No value leaves the server, and memory does not grow with the table.
 * @param left a session in a transaction, as `right`
 * @param table as SQL names it, with its schema
 * @returns null where one of the two has no such table
 */
export async function diffRows(
  left: pg.Client,
  right: pg.Client,
  table: string,
  limits: DiffLimits,
): Promise<RowDiff | null> {
  const there = await Promise.all([left, right].map((client) => findRelation(client, table)));
  const [here, other] = there;
  if (!here || !other) return null;
  const { columns, notCompared } = commonColumns(here, other);
  const key = await commonKey([left, right], table);
  const rows = rowsOf(here, columns, key);
  const buckets = await differingBuckets([left, right], rows, limits.deadline);
  const lists = await mergeRows([left, right], bucketRows(rows, buckets), limits);
  return { ...lists, key, notCompared, complete: lists.complete && buckets !== null };
}

/** A table of a database by its name as SQL has it. */
export async function findRelation(client: pg.Client, table: string): Promise<Relation | undefined> {
  const key = nameKey(table);
  return (await listRelations(client)).find(({ qualifiedName }) => nameKey(qualifiedName) === key);
}

function commonColumns(here: Relation, other: Relation): Pick<RowDiff, 'notCompared'> & Pick<Relation, 'columns'> {
  const isIn = ({ columns }: Relation, { name, type }: Relation['columns'][number]) =>
    columns.some((each) => each.name === name && each.type === type);
  const columns = here.columns.filter((column) => isIn(other, column));
  const all = [...here.columns, ...other.columns].map(({ name }) => name);
  const notCompared = [...new Set(all)].filter((name) => columns.every((column) => column.name !== name));
  return { columns, notCompared };
}

/** What tells rows apart in both. */
async function commonKey(clients: pg.Client[], table: string): Promise<string[] | null> {
  const [here, other] = await Promise.all(clients.map(async (client) => (await readShape(client, table))?.key ?? null));
  const same = here && other && JSON.stringify(here.toSorted()) === JSON.stringify(other.toSorted());
  return same ? here : null;
}

/** A query of a row's key as text, and two hashes of the row. A partitioned table has the rows of its partitions. */
function rowsOf({ qualifiedName, kind }: Relation, columns: Relation['columns'], key: string[] | null): string {
  const from = `${kind === 'partitioned' ? '' : 'only '}${qualifiedName} as t`;
  const [low, high] = rowHashes(columns);
  if (key !== null) return `select ${keyText(key)} as key, ${low} as low, ${high} as high from ${from}`;
  // Rows can be there more than once: each has a number of its own.
  return `
    select
      hash || ' ' || pg_catalog.row_number() over (partition by hash) as key, low, high
    from (select ${low} as low, ${high} as high, pg_catalog.concat(${low}, ' ', ${high}) as hash from ${from}) as hashed`;
}

/** A key as PostgreSQL prints a record: `(7)`. */
export function keyText(key: string[]): string {
  return `row(${key.map((name) => `t.${pg.escapeIdentifier(name)}`).join(', ')})::pg_catalog.text`;
}

const bucketCount = 4096;
const keyHash = 'pg_catalog.hashtextextended(key collate "C", 0)';
const bucket = `(${keyHash} & ${bucketCount - 1})`;

/** The parts of the table in which something differs; null where there was no time to find out. */
async function differingBuckets(clients: pg.Client[], rows: string, deadline: number): Promise<number[] | null> {
  const query = `
    select ${bucket}::int as bucket, pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.sum(low), pg_catalog.sum(high)) as sums
    from (${rows}) as keyed group by 1`;
  try {
    const [here, other] = await Promise.all(clients.map((client) => readSums(client, query, deadline)));
    const numbers = new Set([...(here?.keys() ?? []), ...(other?.keys() ?? [])]);
    return [...numbers].filter((number) => here?.get(number) !== other?.get(number));
  } catch (error) {
    if (isOutOfTime(error)) return null;
    throw error;
  }
}

async function readSums(client: pg.Client, query: string, deadline: number): Promise<Map<number, string>> {
  await limitTo(client, deadline);
  const { rows } = await client.query<{ bucket: number; sums: string }>(query);
  return new Map(rows.map(({ bucket: number, sums }) => [number, sums]));
}

/** Rows in an order that is the same on both sides whatever the encoding and the collation. None where nothing differs. */
function bucketRows(rows: string, buckets: number[] | null): string | null {
  if (buckets === null || buckets.length === 0) return null;
  const chosen = buckets.length === bucketCount ? '' : `where ${bucket} in (${buckets.join(', ')})`;
  return `
    select ${keyHash}::text as place, key, pg_catalog.concat(low, ' ', high) as hash
    from (${rows}) as keyed ${chosen}
    order by ${keyHash}, key collate "C"`;
}
