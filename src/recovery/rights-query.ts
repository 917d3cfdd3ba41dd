/** Objects of one catalogue that have an owner. Where they have privileges, `acl` is the column, and `kind` acldefault's letter for them. */
interface OwnedClass {
  catalog: string;
  /** The catalogue that stands for these objects wherever objects are named, where that is another one. */
  knownAs?: string;
  owner: string;
  acl?: string;
  kind?: string;
  where?: string;
}

const ownedClasses: OwnedClass[] = [
  {
    ...{ catalog: 'pg_class', owner: 'relowner', acl: 'relacl', where: "relkind in ('r', 'p', 'v', 'm', 'f', 'S')" },
    kind: `case relkind when 'S' then 's' else 'r' end::"char"`,
  },
  { catalog: 'pg_namespace', owner: 'nspowner', acl: 'nspacl', kind: "'n'" },
  { catalog: 'pg_proc', owner: 'proowner', acl: 'proacl', kind: "'f'" },
  {
    ...{ catalog: 'pg_type', owner: 'typowner', acl: 'typacl', kind: "'T'" },
    // The types of rows, arrays and multiranges have the rights of what they are made from.
    where: `
      typtype <> 'm'
      and (typrelid = 0 or exists (select from pg_catalog.pg_class where oid = typrelid and relkind = 'c'))
      and not exists (select from pg_catalog.pg_type as element where element.typarray = owned.oid)`,
  },
  {
    ...{ catalog: 'pg_largeobject_metadata', knownAs: 'pg_largeobject' },
    ...{ owner: 'lomowner', acl: 'lomacl', kind: "'L'" },
  },
  { catalog: 'pg_language', owner: 'lanowner', acl: 'lanacl', kind: "'l'" },
  { catalog: 'pg_foreign_data_wrapper', owner: 'fdwowner', acl: 'fdwacl', kind: "'F'" },
  { catalog: 'pg_foreign_server', owner: 'srvowner', acl: 'srvacl', kind: "'S'" },
  { catalog: 'pg_operator', owner: 'oprowner' },
  { catalog: 'pg_opclass', owner: 'opcowner' },
  { catalog: 'pg_opfamily', owner: 'opfowner' },
  { catalog: 'pg_collation', owner: 'collowner' },
  { catalog: 'pg_conversion', owner: 'conowner' },
  { catalog: 'pg_ts_dict', owner: 'dictowner' },
  { catalog: 'pg_ts_config', owner: 'cfgowner' },
  { catalog: 'pg_statistic_ext', owner: 'stxowner' },
  { catalog: 'pg_event_trigger', owner: 'evtowner' },
  { catalog: 'pg_extension', owner: 'extowner' },
  { catalog: 'pg_publication', owner: 'pubowner' },
  {
    ...{ catalog: 'pg_subscription', owner: 'subowner' },
    where: 'subdbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())',
  },
];

function selectOwned({ catalog, knownAs = catalog, owner, acl, kind, where = 'true' }: OwnedClass): string {
  const rights = acl === undefined ? 'null' : `coalesce(${acl}, pg_catalog.acldefault(${kind ?? ''}, ${owner}))`;
  return `
    select 'pg_catalog.${knownAs}'::pg_catalog.regclass::oid as class, oid, ${owner} as owner, ${rights} as acl
    from pg_catalog.${catalog} as owned
    where ${where}`;
}

/** As people write it: `table public.notes`, `function public.f(integer)`. */
const nameOf = (classId: string, objectId: string, columnNumber = '0') => `(
    select identity.type || ' ' || identity.identity
    from pg_catalog.pg_identify_object(${classId}, ${objectId}, ${columnNumber}) as identity
  )`;

/**
 * Every object of the database with the rights on it as they work: those that go without saying are spelled out. What a
 * superuser has is left out, who needs no right, and so are memberships, which are the server's. The owner of the database
 * is the one member of pg_database_owner.
 *
 * Default privileges count for every role that has some in any database of the server, as the usual ones stand where it has
 * none in this one.
 */
export const rightsQuery = `
  with owned as (${ownedClasses.map(selectOwned).join(' union all ')}
  ), columns as (
    select class.oid as class, attribute.attnum, attribute.attacl as acl
    from pg_catalog.pg_attribute as attribute
    join pg_catalog.pg_class as class on class.oid = attribute.attrelid
    where class.relkind in ('r', 'p', 'v', 'm', 'f')
    and not attribute.attisdropped
  ), kinds (letter, named) as (
    values
      ('r', 'tables'), ('S', 'sequences'), ('f', 'functions'), ('T', 'types'), ('n', 'schemas'), ('L', 'large objects')
  ), creators as (
    select role.oid, role.rolname
    from pg_catalog.pg_roles as role
    where role.oid in (
      select refobjid from pg_catalog.pg_shdepend where classid = 'pg_catalog.pg_default_acl'::pg_catalog.regclass
    )
    -- There is no record of what depends on the first superuser.
    or role.oid = 10
  ), defaults as (
    select
      pg_catalog.format('default privileges of %I for %s', creators.rolname, kinds.named) as object,
      null as namespace,
      coalesce(
        set.defaclacl,
        pg_catalog.acldefault(case kinds.letter when 'S' then 's' else kinds.letter end::"char", creators.oid)
      ) as acl
    from creators
    cross join kinds
    left join pg_catalog.pg_default_acl as set
      on set.defaclrole = creators.oid
      and set.defaclnamespace = 0
      and set.defaclobjtype::text = kinds.letter
    union all
    select
      pg_catalog.format('default privileges of %I for %s in %I', creators.rolname, kinds.named, namespace.nspname),
      'schema ' || pg_catalog.quote_ident(namespace.nspname),
      set.defaclacl
    from pg_catalog.pg_default_acl as set
    join creators on creators.oid = set.defaclrole
    join kinds on kinds.letter = set.defaclobjtype::text
    join pg_catalog.pg_namespace as namespace on namespace.oid = set.defaclnamespace
  ), objects as (
    select ${nameOf('class', 'oid')} as object, null as subject, null as within, owner, acl
    from owned
    union all
    select
      ${nameOf("'pg_catalog.pg_class'::pg_catalog.regclass", 'class', 'attnum')},
      null,
      ${nameOf("'pg_catalog.pg_class'::pg_catalog.regclass", 'class')},
      null,
      acl
    from columns
    union all
    select object, namespace, null, null, acl
    from defaults
  )
  select
    object,
    coalesce(subject, object) as subject,
    within,
    coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'role', pg_catalog.quote_ident(role.rolname),
        'privilege', entry.privilege,
        'grantable', entry.grantable
      ))
      from (
        select owner, 'OWNER', false
        where owner is not null
        union all
        -- Several roles may have granted the same.
        select grantee, privilege_type, pg_catalog.bool_or(is_grantable)
        from pg_catalog.aclexplode(acl)
        group by grantee, privilege_type
      ) as entry (grantee, privilege, grantable)
      left join pg_catalog.pg_roles as holder on holder.oid = entry.grantee
      left join pg_catalog.pg_database as this
        on this.datname = pg_catalog.current_database()
        and holder.rolname = 'pg_database_owner'
      left join pg_catalog.pg_roles as role on role.oid = coalesce(this.datdba, holder.oid)
      where role.rolsuper is not true
    ), '[]') as rights
  from objects
  where object is not null`;
