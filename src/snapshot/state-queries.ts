import type { StateCategory } from './snapshot.ts';

/** Which of its queries a snapshot runs: those on owners and roles only where a rehearsal restores them. */
export type Ownership = 'runbook' | 'preserve';

interface StateQuery {
  category: StateCategory;
  ownership?: 'preserve';
  /** Gives the columns `object` and `value`, both text. */
  sql: string;
}

const userSchema =
  "namespace.nspname not in ('pg_catalog', 'information_schema') and namespace.nspname !~ '^pg_(toast|temp)'";
const qualifiedClass = "pg_catalog.format('%I.%I', namespace.nspname, class.relname)";

/** Every server has its own first superuser (BOOTSTRAP_SUPERUSERID is 10), and the harness has roles of its own. */
const isOfBackup = (role: string) => `${role}.rolname !~ '^(pg_|restore_rehearsal_)' and ${role}.oid <> 10`;

/**
 * What `pg_dump --schema-only` leaves out of a database, or prints in a way that hides whether it works. Each query
 * gives pairs of an object and what has to be the same on both sides.
 */
export const stateQueries: StateQuery[] = [
  {
    category: 'DATABASE',
    // The columns differ between versions of PostgreSQL: those that there are are taken by name.
    sql: `
      select property.key as object, coalesce(property.value, '') as value
      from pg_catalog.pg_database as database,
        pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(database)) as property
      where database.datname = pg_catalog.current_database()
      and property.key in (
        'encoding', 'datlocprovider', 'datcollate', 'datctype', 'daticulocale', 'datlocale', 'daticurules',
        'datcollversion', 'datconnlimit'
      )
      union all
      select 'comment', coalesce(pg_catalog.shobj_description(oid, 'pg_database'), '')
      from pg_catalog.pg_database
      where datname = pg_catalog.current_database()`,
  },
  {
    category: 'DATABASE',
    ownership: 'preserve',
    sql: `
      select 'owner' as object, pg_catalog.pg_get_userbyid(datdba)::text as value
      from pg_catalog.pg_database
      where datname = pg_catalog.current_database()
      union all
      select 'privileges', coalesce(datacl, pg_catalog.acldefault('d', datdba))::text
      from pg_catalog.pg_database
      where datname = pg_catalog.current_database()`,
  },
  {
    category: 'DATABASE_SETTING',
    sql: `
      select
        pg_catalog.format('%s%s', pg_catalog.split_part(setting, '=', 1), ' for ' || role.rolname) as object,
        -- Settings of the user's own, like app.key, can be secrets.
        case
          when pg_catalog.split_part(setting, '=', 1) like '%.%'
          then 'a value with the hash ' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(setting, 'UTF8')), 'hex'), 12)
          else pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1)
        end as value
      from pg_catalog.pg_db_role_setting as settings
      join pg_catalog.pg_database as database on database.oid = settings.setdatabase
      left join pg_catalog.pg_roles as role on role.oid = settings.setrole
      cross join pg_catalog.unnest(settings.setconfig) as setting
      where database.datname = pg_catalog.current_database()`,
  },
  {
    category: 'EXTENSION',
    sql: `
      select extension.extname as object, extension.extversion || ' in ' || namespace.nspname as value
      from pg_catalog.pg_extension as extension
      join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace`,
  },
  {
    category: 'MATERIALIZED_VIEW_DATA',
    sql: `
      select ${qualifiedClass} as object, case when class.relispopulated then 'populated' else 'empty' end as value
      from pg_catalog.pg_class as class
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      where class.relkind = 'm'
      and ${userSchema}`,
  },
  {
    category: 'CONSTRAINT_STATE',
    sql: `
      select
        ${qualifiedClass} || ' ' || pg_catalog.quote_ident(con.conname) as object,
        case when con.convalidated then 'validated' else 'not validated' end
          -- Its own triggers enforce a foreign key; DISABLE TRIGGER ALL switches those off, too.
          || case when exists (
            select from pg_catalog.pg_trigger as trigger
            where trigger.tgconstraint = con.oid
            and trigger.tgisinternal
            and trigger.tgenabled <> 'O'
          ) then ', not enforced' else '' end as value
      from pg_catalog.pg_constraint as con
      join pg_catalog.pg_class as class on class.oid = con.conrelid
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      -- From version 18 on, NOT NULL is a constraint as well; the definitions hold those.
      where con.contype in ('c', 'f')
      and ${userSchema}`,
  },
  {
    category: 'TRIGGER_STATE',
    sql: `
      select
        ${qualifiedClass} || ' ' || pg_catalog.quote_ident(trigger.tgname) as object,
        trigger.tgenabled::text as value
      from pg_catalog.pg_trigger as trigger
      join pg_catalog.pg_class as class on class.oid = trigger.tgrelid
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      where not trigger.tgisinternal
      and ${userSchema}
      union all
      select 'event trigger ' || pg_catalog.quote_ident(evtname), evtenabled::text
      from pg_catalog.pg_event_trigger`,
  },
  {
    category: 'INDEX_STATE',
    sql: `
      select
        ${qualifiedClass} as object,
        case when index.indisvalid and index.indisready then 'valid' else 'invalid' end as value
      from pg_catalog.pg_index as index
      join pg_catalog.pg_class as class on class.oid = index.indexrelid
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      where ${userSchema}`,
  },
  {
    category: 'TABLE_STATE',
    sql: `
      select
        ${qualifiedClass} as object,
        pg_catalog.format(
          'row security %s, forced %s, replica identity %s, persistence %s, clustered on %s',
          class.relrowsecurity, class.relforcerowsecurity,
          coalesce((
            select pg_catalog.quote_ident(index_class.relname)
            from pg_catalog.pg_index as index
            join pg_catalog.pg_class as index_class on index_class.oid = index.indexrelid
            where index.indrelid = class.oid
            and index.indisreplident
            and class.relreplident = 'i'
          ), class.relreplident::text),
          class.relpersistence,
          coalesce((
            select pg_catalog.quote_ident(index_class.relname)
            from pg_catalog.pg_index as index
            join pg_catalog.pg_class as index_class on index_class.oid = index.indexrelid
            where index.indrelid = class.oid
            and index.indisclustered
          ), 'none')
        ) as value
      from pg_catalog.pg_class as class
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      where class.relkind in ('r', 'p', 'm', 'f')
      and class.relpersistence <> 't'
      and ${userSchema}`,
  },
  {
    category: 'COLLATION_VERSION',
    sql: `
      select pg_catalog.format('%I.%I', namespace.nspname, coll.collname) as object, coalesce(coll.collversion, '') as value
      from pg_catalog.pg_collation as coll
      join pg_catalog.pg_namespace as namespace on namespace.oid = coll.collnamespace
      where ${userSchema}`,
  },
  {
    category: 'LARGE_OBJECT_STATE',
    sql: `
      select objoid::text || ' comment' as object, description as value
      from pg_catalog.pg_description
      where classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass`,
  },
  {
    category: 'LARGE_OBJECT_STATE',
    ownership: 'preserve',
    sql: `
      select oid::text as object, pg_catalog.pg_get_userbyid(lomowner) || ' ' || coalesce(lomacl::text, '') as value
      from pg_catalog.pg_largeobject_metadata`,
  },
  {
    category: 'SUBSCRIPTION',
    // pg_dump leaves subscriptions out unless a superuser asks, and their connection strings hold passwords.
    sql: `
      select
        pg_catalog.quote_ident(subname) as object,
        'a definition with the hash ' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((
          -- A dump does not hold whether it was at work; the rest differs between any two databases.
          pg_catalog.to_jsonb(subscription)
          - '{oid,subdbid,subowner,subenabled,subskiplsn,subtwophasestate}'::pg_catalog.text[]
        )::text, 'UTF8')), 'hex'), 12) as value
      from pg_catalog.pg_subscription as subscription
      join pg_catalog.pg_database as database on database.oid = subscription.subdbid
      where database.datname = pg_catalog.current_database()`,
  },
  {
    category: 'USER_MAPPING',
    // The definition names its options only to a superuser, and they hold passwords.
    sql: `
      select
        pg_catalog.format('USER MAPPING %s SERVER %s', coalesce(role.rolname, 'public'), server.srvname) as object,
        'options with the hash ' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((
          -- A dump holds them by their names.
          select coalesce(pg_catalog.array_agg(option order by option)::text, '')
          from pg_catalog.unnest(mapping.umoptions) as option
        ), 'UTF8')), 'hex'), 12) as value
      from pg_catalog.pg_user_mapping as mapping
      join pg_catalog.pg_foreign_server as server on server.oid = mapping.umserver
      left join pg_catalog.pg_roles as role on role.oid = mapping.umuser`,
  },
  {
    category: 'ROLE',
    ownership: 'preserve',
    sql: `
      select
        pg_catalog.quote_ident(role.rolname) as object,
        pg_catalog.format(
          'superuser %s, inherit %s, createrole %s, createdb %s, login %s, replication %s, bypassrls %s, connlimit %s, until %s, settings %s',
          role.rolsuper, role.rolinherit, role.rolcreaterole, role.rolcreatedb, role.rolcanlogin, role.rolreplication,
          role.rolbypassrls, role.rolconnlimit, coalesce(role.rolvaliduntil::text, 'always'),
          coalesce((
            select settings.setconfig::text
            from pg_catalog.pg_db_role_setting as settings
            where settings.setrole = role.oid
            and settings.setdatabase = 0
          ), 'none')
        ) as value
      from pg_catalog.pg_roles as role
      where ${isOfBackup('role')}`,
  },
  {
    category: 'ROLE_MEMBERSHIP',
    ownership: 'preserve',
    sql: `
      select
        pg_catalog.format('%I in %I', member.rolname, role.rolname) as object,
        case when membership.admin_option then 'with admin option' else 'member' end as value
      from pg_catalog.pg_auth_members as membership
      join pg_catalog.pg_roles as role on role.oid = membership.roleid
      join pg_catalog.pg_roles as member on member.oid = membership.member
      where ${isOfBackup('member')}`,
  },
];
