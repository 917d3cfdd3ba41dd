import { stateFacet } from '../state-facet.ts';

export const userMappings = stateFacet({
  covers: 'options of user mappings',
  isDefined: true,
  remedy: 'Dump with a superuser, who sees the options of every user mapping, or set them anew after a restore.',
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
});
