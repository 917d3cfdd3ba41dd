import { disconnect, interpretError } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import { pinSettings } from '../snapshot/pinned-settings.ts';
import type { RecoveryServer } from './recovery-server.ts';

/** What a role that had sessions in the live database can read of what it could. */
export interface Readable {
  role: string;
  /** How many tables and views it could read that both databases have. */
  before: number;
  /** Those that it cannot read now, as SQL names them. */
  lost: string[];
}

const queryTimeoutMs = 60_000;

/**
 * Compares what roles can read in two databases, by their own rights and those of roles that they are members of.
 * @param roles those that worked with the first
 */
export async function compareReadable(
  server: RecoveryServer,
  names: { before: string; now: string },
  roles: string[],
): Promise<Readable[]> {
  if (roles.length === 0) return [];
  const before = await readTables(server, names.before, roles);
  const now = await readTables(server, names.now, roles);
  return roles.map((role) => {
    const [could, can] = [before, now].map(
      (tables) => new Map(tables.map(({ name, readers }) => [name, readers.includes(role)])),
    ) as [Map<string, boolean>, Map<string, boolean>];
    const common = [...could].filter(([name, isReadable]) => isReadable && can.has(name)).map(([name]) => name);
    return { role, before: common.length, lost: common.filter((name) => can.get(name) === false).toSorted() };
  });
}

interface Table {
  name: string;
  readers: string[];
}

async function readTables(server: RecoveryServer, database: string, roles: string[]): Promise<Table[]> {
  await using reader = await server.openReader(database);
  const client = await connectToSource(reader.connection, { timeoutMs: queryTimeoutMs });
  try {
    await pinSettings(client);
    const { rows } = await client.query<Table>(tablesQuery, [roles]);
    return rows;
  } catch (error) {
    throw interpretError(error);
  } finally {
    await disconnect(client);
  }
}

const tablesQuery = `
  select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    array(
      select role.rolname::pg_catalog.text
      from pg_catalog.pg_roles as role
      where role.rolname = any ($1::pg_catalog.name[])
      and pg_catalog.has_schema_privilege(role.oid, namespace.oid, 'usage')
      and pg_catalog.has_any_column_privilege(role.oid, class.oid, 'select')
    ) as readers
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relkind in ('r', 'p', 'v', 'm', 'f')
  and class.relpersistence <> 't'
  and namespace.nspname not in ('pg_catalog', 'information_schema')`;
