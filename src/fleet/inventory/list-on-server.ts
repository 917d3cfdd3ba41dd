import { disconnect, type Connection } from '../../postgres/connection.ts';
import { connectToSource } from '../../postgres/source.ts';
import { describeAddress, readDatabaseUrl, urlWithoutPassword } from '../../source/database-url.ts';
import { askServer } from '../../source/login.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { Listed, ListingOptions } from './listed.ts';

const timeoutMs = 60_000;

/** Every database that takes connections, also one that this role may not read: leaving it out would say nothing of it. */
const everyDatabase = `
  select datname as name,
    pg_catalog.pg_get_userbyid(datdba) as owner,
    case when pg_catalog.has_database_privilege(oid, 'connect') then pg_catalog.pg_database_size(oid) end as size_bytes
  from pg_catalog.pg_database
  where datallowconn and not datistemplate
  order by datname`;

const closed = `
  select datname as name
  from pg_catalog.pg_database
  where not datallowconn and not datistemplate
  order by datname`;

/** @throws OperationalError PROFILE_INVALID, and what a login throws */
export async function listOnServer(url: string, { inventory, environment }: ListingOptions): Promise<Listed> {
  const address = await readDatabaseUrl(url, environment);
  const from = `the server of ${describeAddress(address.connection)}`;
  const { connection } = await askServer(address.connection, from, 'PGPASSWORD or ~/.pgpass');
  const { rows, leftOut } = await ask(connection, inventory.query ?? null, from);
  const urlOf = (name: string) => urlWithoutPassword({ ...address, connection: { ...connection, database: name } });
  return { list: rows.map((row) => toEntry(row, urlOf)), from, leftOut };
}

async function ask(connection: Connection, query: string | null, from: string) {
  const client = await connectToSource(connection, { timeoutMs });
  try {
    const { rows } = await client.query<Record<string, unknown>>(query ?? everyDatabase);
    if (query !== null) return { rows, leftOut: [] };
    const others = await client.query<{ name: string }>(closed);
    const why = 'it takes no connections';
    return { rows, leftOut: others.rows.map(({ name }) => ({ name, why })) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationalError('PROFILE_INVALID', `The list of databases was not given by ${from}: ${reason}`);
  } finally {
    await disconnect(client);
  }
}

/** Without a name it is refused where all lists are. */
function toEntry(row: Record<string, unknown>, urlOf: (name: string) => string): Record<string, unknown> {
  const { name, owner, url, size_bytes: size } = row;
  if (typeof name !== 'string') return row;
  const database = {
    name,
    ...(typeof owner === 'string' && { owner }),
    url: typeof url === 'string' ? url : urlOf(name),
  };
  const sizeBytes = size === null || size === undefined ? null : Number(size);
  return { name, database, ...(sizeBytes !== null && { sizeBytes }) };
}
