import { withClient } from '../../../postgres/connection.ts';
import type { DisposableConnection } from '../../../postgres/disposable.ts';
import { nameInSql } from '../../../snapshot/find-table.ts';
import { pinSettings } from '../../../snapshot/pinned-settings.ts';
import type { Snapshot } from '../../../snapshot/snapshot.ts';
import type { ServedDatabase } from '../../served-database.ts';

/** Rows of tables, by a hash of each, and how often there is the same one. */
export type RowHashes = Map<string, Map<string, number>>;

/** Tables with more rows are not held against the numbers row by row. */
const mostRows = 20_000;

/** The tables whose rows are few enough to be looked at one by one. Pure. */
export function smallTables({ tables }: Snapshot): string[] {
  return tables
    .filter(({ kind, rows }) => kind === 'table' && rows !== null && rows <= mostRows)
    .map(({ name }) => name);
}

/** Reads every row of tables, in another way than numbers of rows are counted: none of it leaves the server but hashes. */
export function readRowHashes(connection: DisposableConnection, tables: string[]): Promise<RowHashes> {
  return withClient(connection, async (client) => {
    await pinSettings(client);
    const hashes: RowHashes = new Map();
    for (const name of tables) {
      const { rows } = await client.query<{ hash: string; times: number }>(
        `select pg_catalog.md5(each::text) as hash, pg_catalog.count(*)::int4 as times
        from only ${nameInSql({ name })} as each
        group by 1`,
      );
      hashes.set(name, new Map(rows.map(({ hash, times }) => [hash, times])));
    }
    return hashes;
  });
}

/** The rows of the live database, and of the one that was put aside. */
export async function readBoth(
  { asReader }: ServedDatabase,
  putAside: string,
  tables: string[],
): Promise<Record<'live' | 'putAside', RowHashes>> {
  return {
    live: await readRowHashes(asReader, tables),
    putAside: await readRowHashes({ ...asReader, database: putAside }, tables),
  };
}

/** How many rows of a table are in one and not in the other. Pure. */
export function countMissing(from: RowHashes, other: RowHashes, table: string): number {
  const there = other.get(table);
  return [...(from.get(table) ?? [])].reduce(
    (sum, [hash, times]) => sum + Math.max(times - (there?.get(hash) ?? 0), 0),
    0,
  );
}
