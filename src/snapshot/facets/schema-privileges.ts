import { stateFacet } from '../state-facet.ts';

/**
 * Definitions name the same differences, and come first. Context: of a schema that was once the schema public, pg_dump writes only
 * how its privileges differ from those that initdb gave to it; what was left of these is in no dump.
 */
export const schemaPrivileges = stateFacet({
  ownership: 'preserve',
  covers: 'privileges on schemas, also on one that was the schema public under another name',
  remedy: ({ object, expected }) =>
    `No dump holds privileges that initdb gave to the schema public, once it has another name. Grant them after every restore, by a script, and tolerate this in the profile: ${expected} on ${object}.`,
  isTolerable: true,
  sql: `
    with granted as (
      select
        namespace.nspname,
        (select ${describe('namespace.nspacl')}) as own,
        (select ${describe("pg_catalog.acldefault('n', namespace.nspowner)")}) as usual
      from pg_catalog.pg_namespace as namespace
      where namespace.nspacl is not null
      and namespace.nspname not in ('public', 'pg_catalog', 'information_schema')
      and namespace.nspname not like 'pg\\_t%'
      and not exists (
        select from pg_catalog.pg_depend as depend
        where depend.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
        and depend.objid = namespace.oid
        and depend.deptype = 'e'
      )
    )
    select 'SCHEMA ' || nspname as object, coalesce(own, 'nothing') as value
    from granted
    where own is distinct from usual`,
});

/** `CREATE to shop, USAGE to PUBLIC` */
function describe(acl: string): string {
  const grantee =
    "case item.grantee when 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(item.grantee)::pg_catalog.text end";
  const what = `item.privilege_type || ' to ' || ${grantee} || case when item.is_grantable then ' with grant option' else '' end`;
  return `pg_catalog.string_agg(${what}, ', ' order by ${what}) from pg_catalog.aclexplode(${acl}) as item`;
}
