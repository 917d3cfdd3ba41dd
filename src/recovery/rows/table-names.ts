import type pg from 'pg';
import { listRelations } from '../../snapshot/catalog.ts';
import type { ListedEntry } from '../../postgres/listed-entry.ts';
import { findTables, qualify } from '../../restore/part/find-tables.ts';

/**
 * The name, as SQL has it, of a table that somebody has typed, in one of two databases.
 * @throws OperationalError BAD_USAGE where neither has it, with the nearest ones
 */
export async function tableNames(clients: pg.Client[], wanted: string): Promise<string> {
  const found = new Map<string, ListedEntry>();
  for (const client of clients) {
    for (const entry of await listTables(client)) found.set(qualify(entry), entry);
  }
  const [table] = findTables([...found.values()], { tables: [wanted], schemas: [] }, 'There is');
  return qualify(table as ListedEntry);
}

async function listTables(client: pg.Client): Promise<ListedEntry[]> {
  const oids = (await listRelations(client)).filter(({ kind }) => kind === 'table' || kind === 'partitioned');
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select namespace.nspname::text as schema, class.relname::text as name
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.oid = any ($1::oid[])
    order by 1, 2`,
    [oids.map(({ oid }) => oid)],
  );
  return rows.map((row, id) => ({ ...row, id, type: 'TABLE', owner: null, needs: [] }));
}
