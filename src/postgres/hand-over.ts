import pg from 'pg';

/** Few enough for the lock table of a server as it is installed, with their indexes and sequences. */
const relationsAtOnce = 200;

/**
 * Gives everything in a database that belongs to a role to another, the database included, and takes all rights in it from
 * the first. No code that is in the database runs.
 * @param client in that database, as a superuser or a member of both
 */
export async function handOver(client: pg.Client, from: string, to: string): Promise<void> {
  const [giver, taker] = [from, to].map((name) => pg.escapeIdentifier(name)) as [string, string];
  const { rows } = await client.query<{ relation: string }>(relationsOf, [from]);
  // REASSIGN OWNED alone would lock every table of the database at once.
  for (let start = 0; start < rows.length; start += relationsAtOnce) {
    const batch = rows.slice(start, start + relationsAtOnce);
    await client.query(batch.map(({ relation }) => `alter table ${relation} owner to ${taker}`).join('; '));
  }
  await client.query(`reassign owned by ${giver} to ${taker}; drop owned by ${giver}`);
}

/** A sequence that belongs to a column goes with its table. */
const relationsOf = `
  select pg_catalog.format('%I.%I', namespace.nspname, class.relname) as relation
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  join pg_catalog.pg_roles as role on role.oid = class.relowner
  where role.rolname = $1
  and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and class.relpersistence <> 't'
  and not exists (
    select
    from pg_catalog.pg_depend
    where classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and objid = class.oid
    and refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and refobjsubid > 0
    and deptype in ('a', 'i')
    and class.relkind = 'S'
  )`;
