import pg from 'pg';

/**
 * Runs a query on rows of the user's, in a transaction. To plan it, PostgreSQL looks into indexes and statistics of the table,
 * and into the functions in them: one that leaves out a schema fails with the empty search_path that all else is read with,
 * though a dump, which plans nothing, works. Such a query is asked again with the path that the database itself has, behind
 * pg_catalog, so that nothing of the user's stands in for what the query names.
 */
export async function queryRows<Row extends pg.QueryResultRow>(client: pg.Client, query: string): Promise<Row[]> {
  await client.query('savepoint rows');
  try {
    const { rows } = await client.query<Row>(query);
    await client.query('release savepoint rows');
    return rows;
  } catch (error) {
    if (!isUndefined(error)) throw error;
    await client.query('rollback to savepoint rows');
    await client.query(useOwnPath);
    const { rows } = await client.query<Row>(query);
    // With it goes the path.
    await client.query('rollback to savepoint rows; release savepoint rows');
    return rows;
  }
}

/** Class 42 of SQLSTATE: undefined function, table, column, object, type; class 3F: schema. */
function isUndefined(error: unknown): boolean {
  return error instanceof pg.DatabaseError && undefinedCodes.has(error.code ?? '');
}

const undefinedCodes = new Set(['42883', '42P01', '42703', '42704', '3F000']);

const useOwnPath = `
  select pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_catalog', nullif(reset_val, '')), true)
  from pg_catalog.pg_settings
  where name = 'search_path'`;
