import pg from 'pg';
import { listRelations } from '../../snapshot/catalog.ts';
import { isOutOfTime, limitTo, type DiffLimits } from './diff-limits.ts';
import { findRelation, keyText } from './diff-rows.ts';
import type { KeyList } from './merge-rows.ts';
import { readShape } from './table-shape.ts';

/** Rows of a table that were inserted or changed since a moment. Null where there was no time to count them. */
export interface Written {
  /** See TableSnapshot.name. */
  name: string;
  rows: number | null;
}

/**
 * Counts the rows that were written to each table of a database since a transaction of its server: a row has the number of the one
 * that wrote it. Rows that were deleted are not there to be counted.
 * @param client a session in a transaction
 * @param since see RecoveryServer.readXid
 */
export async function countWrittenSince(client: pg.Client, since: string, deadline: number): Promise<Written[]> {
  const relations = await listRelations(client);
  const written: Written[] = [];
  let isInTime = true;
  for (const { name, qualifiedName, kind } of relations) {
    if (kind !== 'table') continue;
    const query = `select pg_catalog.count(*)::text as rows from only ${qualifiedName} as t where ${isSince(since)}`;
    const rows: number | null = isInTime ? await count(client, query, deadline) : null;
    isInTime &&= rows !== null;
    if (rows !== 0) written.push({ name, rows });
  }
  return written;
}

async function count(client: pg.Client, query: string, deadline: number): Promise<number | null> {
  try {
    await limitTo(client, deadline);
    const { rows } = await client.query<{ rows: string }>(query);
    return Number(rows[0]?.rows ?? 0);
  } catch (error) {
    if (isOutOfTime(error)) return null;
    throw error;
  }
}

/**
 * The keys of rows that were written to a table since then, in their order.
 * @param table as SQL names it, with its schema
 * @returns null where there is no such table, nothing tells its rows apart, or there was no time
 */
export async function listWrittenSince(
  client: pg.Client,
  table: string,
  since: string,
  { keys, deadline }: DiffLimits,
): Promise<KeyList | null> {
  const key = (await readShape(client, table))?.key ?? null;
  if (key === null) return null;
  const order = key.map((_, index) => String(index + 3)).join(', ');
  const columns = key.map((name) => `t.${pg.escapeIdentifier(name)}`);
  const relation = await findRelation(client, table);
  const only = relation?.kind === 'partitioned' ? '' : 'only ';
  try {
    await limitTo(client, deadline);
    const { rows } = await client.query<{ key: string; count: string }>(
      `select ${keyText(key)} as key, pg_catalog.count(*) over ()::text as count, ${columns.join(', ')}
      from ${only}${table} as t where ${isSince(since)} order by ${order} limit ${keys}`,
    );
    return { count: Number(rows[0]?.count ?? 0), first: rows.map((row) => row.key) };
  } catch (error) {
    if (isOutOfTime(error)) return null;
    throw error;
  }
}

/** Numbers of transactions have 32 bits in rows, and start again: newer are the two thousand millions behind one. 0 to 2 are none. */
function isSince(since: string): string {
  const start = BigInt.asUintN(32, BigInt(since));
  const number = 't.xmin::pg_catalog.text::pg_catalog.int8';
  return `${number} > 2 and ((${number} - ${start}) & 4294967295) < 2147483648`;
}
