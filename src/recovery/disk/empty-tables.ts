import pg from 'pg';
import { withClient, type Connection } from '../../postgres/connection.ts';

/**
 * Empties the large tables of a database that is about to be dropped. Dropping it takes a checkpoint, which a server whose disk is
 * full does not survive; what is truncated gives its blocks back at once, and takes next to nothing for it. No code of
 * the database runs: tables whose TRUNCATE fires a trigger are left to the drop.
 */
export async function emptyTables(connection: Connection): Promise<void> {
  await withClient(connection, async (client) => {
    await client.query(`set lock_timeout = ${waitMs}; set statement_timeout = ${waitMs}`);
    await client.query(endOthers);
    const { rows } = await client.query<{ names: string[] }>(largeTables);
    for (const { names } of rows) {
      // What cannot be emptied goes with the database.
      await client.query(`truncate only ${names.join(', only ')}`).catch((error: unknown) => {
        if (!(error instanceof pg.DatabaseError)) throw error;
      });
    }
  });
}

const waitMs = 5000;

/** What restores still works on its tables. */
const endOthers = `
  select pg_catalog.pg_terminate_backend(pid, ${waitMs})
  from pg_catalog.pg_stat_activity
  where datname = pg_catalog.current_database()
  and pid <> pg_catalog.pg_backend_pid()
  and backend_type = 'client backend'`;

/** Those with foreign keys among them are emptied together, all others one by one, the largest first. */
const largeTables = `
  with tables as (
    select
      class.oid,
      pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
      pg_catalog.pg_total_relation_size(class.oid) as bytes,
      exists (
        select from pg_catalog.pg_constraint as key
        where key.contype = 'f'
        and class.oid in (key.conrelid, key.confrelid)
      ) as linked
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.relkind = 'r'
    and class.oid >= 16384
    and class.relpersistence <> 't'
    and not exists (
      select from pg_catalog.pg_trigger as hook
      where hook.tgrelid = class.oid
      and not hook.tgisinternal
      and hook.tgtype::int4 & 32 <> 0
    )
  )
  select pg_catalog.array_agg(name) as names
  from tables
  where linked or bytes > 65536
  group by linked, case when linked then '0'::oid else oid end
  order by sum(bytes) desc`;
