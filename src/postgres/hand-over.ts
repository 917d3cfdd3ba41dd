import pg from 'pg';

/** Few enough for the lock table of a server as it is installed, with their indexes and sequences. */
const relationsAtOnce = 200;

/** Ends all memberships of a role. */
async function leaveRoles(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(membershipsOf, [role]);
  for (const { statement } of rows) await client.query(statement);
}

const membershipsOf = `
  select pg_catalog.format('revoke %I from %I', granted.rolname, member.rolname) as statement
  from pg_catalog.pg_auth_members as membership
  join pg_catalog.pg_roles as granted on granted.oid = membership.roleid
  join pg_catalog.pg_roles as member on member.oid = membership.member
  where member.rolname = $1`;

/**
 * Gives everything in a database that belongs to a role to another, the database included, and takes all rights in it from
 * the first, with its memberships. What it has granted on objects of others, like members of extensions, stays granted, by their
 * owners. No code that is in the database runs.
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
  await client.query(`reassign owned by ${giver} to ${taker}`);
  await leaveRoles(client, from);
  await handOverGrants(client, from);
  await client.query(`drop owned by ${giver}`);
}

/** DROP OWNED would take some of them away, and leave others, for which the role could not be dropped. */
async function handOverGrants(client: pg.Client, from: string): Promise<void> {
  const { rows } = await client.query<{ grant: string; revoke: string }>(grantsOf, [from]);
  // A superuser grants for the owner.
  for (const { grant } of rows) await client.query(grant);
  if (rows.length === 0) return;
  await client.query(`set role ${pg.escapeIdentifier(from)}`);
  for (const { revoke } of rows) await client.query(revoke);
  await client.query('reset role');
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

/** What a role has granted to others on tables, views, sequences and schemas that are not its own. */
const grantsOf = `
  with granted as (
    select
      case when class.relkind = 'S' then 'sequence' else 'table' end as kind,
      pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
      '' as columns,
      class.relacl as acl
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    union all
    select
      'table',
      pg_catalog.format('%I.%I', namespace.nspname, class.relname),
      pg_catalog.format(' (%I)', attribute.attname),
      attribute.attacl
    from pg_catalog.pg_attribute as attribute
    join pg_catalog.pg_class as class on class.oid = attribute.attrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    union all
    select 'schema', pg_catalog.quote_ident(nspname), '', nspacl
    from pg_catalog.pg_namespace
  ), items as (
    select
      item.privilege_type || granted.columns || ' on ' || granted.kind || ' ' || granted.name as what,
      case item.grantee when 0 then 'public' else pg_catalog.quote_ident(grantee.rolname) end as grantee,
      case when item.is_grantable then ' with grant option' else '' end as option
    from granted
    cross join pg_catalog.aclexplode(granted.acl) as item
    join pg_catalog.pg_roles as grantor on grantor.oid = item.grantor
    left join pg_catalog.pg_roles as grantee on grantee.oid = item.grantee
    where grantor.rolname = $1
    and item.grantee <> item.grantor
  )
  select
    'grant ' || what || ' to ' || grantee || option as grant,
    'revoke ' || what || ' from ' || grantee || ' cascade' as revoke
  from items`;
