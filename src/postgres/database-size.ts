import type pg from 'pg';

/** How much of the server's disk a database takes; null where there is none of that name, or the role may not ask. */
export async function readDatabaseBytes(client: pg.Client, name: string): Promise<number | null> {
  const { rows } = await client
    .query<{ bytes: string }>(
      'select pg_catalog.pg_database_size(oid)::text as bytes from pg_catalog.pg_database where datname = $1',
      [name],
    )
    .catch(() => ({ rows: [] }));
  return rows[0] === undefined ? null : Number(rows[0].bytes);
}
