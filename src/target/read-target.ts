import pg from 'pg';
import { withClient, type Connection } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import { disconnect } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';
import { markerDatabase } from './marker.ts';

/** What has to be known of a server before anything is made there. */
export interface TargetFacts {
  /** System identifier and timeline. */
  system: string;
  isStandby: boolean;
  isSuperuser: boolean;
  /** Rights of the login that are missing. */
  lacks: string[];
  /** Whether the database of the marker is there. */
  isMarked: boolean;
  marker: string | null;
  /** Databases that are neither PostgreSQL's, nor a cloud's, nor the marker's. */
  others: string[];
}

const questionTimeoutMs = 30_000;

/**
 * Reads them. Nothing is changed.
 * @param connection to any database of the server
 */
export async function readTarget(connection: Connection): Promise<TargetFacts> {
  const client = await connectToSource(connection, { timeoutMs: questionTimeoutMs });
  try {
    const { rows } = await client.query<Omit<TargetFacts, 'others'> & { databases: string[] }>(question, [
      markerDatabase,
      ownDatabases,
    ]);
    const [facts] = rows;
    if (facts === undefined) throw new Error('The target says nothing of itself.');
    const { databases, ...rest } = facts;
    return { ...rest, others: databases };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const message = `The target does not say which server it is (${error.message}), and so its marker cannot be held against it. Let the login run pg_control_system() and pg_control_checkpoint().`;
    throw new OperationalError('TARGET_REFUSED', message, { cause: error });
  } finally {
    await disconnect(client);
  }
}

/** Of PostgreSQL, Amazon, Google, Microsoft. */
const ownDatabases = [
  ...['postgres', 'rdsadmin', 'cloudsqladmin', 'alloydbadmin', 'alloydbmetadata', 'azure_maintenance', 'azure_sys'],
];

const question = `
  select
    system.system_identifier || '/' || checkpoint.timeline_id as system,
    pg_catalog.pg_is_in_recovery() as "isStandby",
    role.rolsuper as "isSuperuser",
    pg_catalog.array_remove(array[
      case when not (role.rolsuper or role.rolcreatedb) then 'CREATEDB' end,
      case when not (role.rolsuper or role.rolcreaterole) then 'CREATEROLE' end
    ], null) as lacks,
    marker.oid is not null as "isMarked",
    pg_catalog.shobj_description(marker.oid, 'pg_database') as marker,
    array(
      select datname::text
      from pg_catalog.pg_database
      where not datistemplate
      and datname <> $1
      and datname <> all ($2)
      order by datname
    ) as databases
  from pg_catalog.pg_control_system() as system
  cross join pg_catalog.pg_control_checkpoint() as checkpoint
  join pg_catalog.pg_roles as role on role.rolname = current_user
  left join pg_catalog.pg_database as marker on marker.datname = $1`;

/**
 * Databases that another rehearsal is at work on, or has left: they are nobody's.
 * @param connection to the database of the marker
 */
export async function readWrittenDown(connection: Connection): Promise<string[]> {
  return withClient(connection, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      "select pg_catalog.to_regclass('restore_rehearsal.made') is not null as there",
    );
    if (rows[0]?.there !== true) return [];
    const made = await client.query<{ name: string }>(writtenDown);
    return made.rows.map(({ name }) => name);
  });
}

const writtenDown = `
  select database.datname::text as name
  from restore_rehearsal.made
  join pg_catalog.pg_database as database
    on database.datname = made.name
    and (made.number is null or made.number = database.oid)
  where made.kind = 'database'`;

/**
 * Whether somebody keeps tables in the database `postgres`, which every server has: then it is one like any other. One that cannot
 * be looked into may hold anything.
 */
export async function isUsed(connection: Connection): Promise<boolean> {
  try {
    return await withClient(connection, async (client) => {
      const { rowCount } = await client.query(ownTables);
      return rowCount !== 0;
    });
  } catch (error) {
    // There is none.
    return !(error instanceof pg.DatabaseError && error.code === '3D000');
  }
}

const ownTables = `
  select
  from pg_catalog.pg_class as class
  where class.oid >= 16384
  and class.relkind in ('r', 'p', 'm', 'f')
  and not exists (
    select
    from pg_catalog.pg_depend as member
    where member.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and member.objid = class.oid
    and member.deptype = 'e'
  )
  and class.relnamespace <> 'pg_toast'::pg_catalog.regnamespace
  and class.relpersistence <> 't'
  limit 1`;
