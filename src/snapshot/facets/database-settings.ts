import { stateFacet } from '../state-facet.ts';

const hashed = 'a value with the hash';

export const databaseSettings = stateFacet({
  // Context: values of which only a hash is known cannot be set again; still caught: all other settings.
  origin: ({ expected }) => (expected.startsWith(hashed) ? 'server' : 'backup'),
  covers: 'settings of the database',
  remedy: 'Run the ALTER DATABASE … SET of the source after a restore: a dump holds them only with --create.',
  sql: `
    select
      pg_catalog.format('%s%s', pg_catalog.split_part(setting, '=', 1), ' for ' || role.rolname) as object,
      -- Settings of the user's own, like app.key, can be secrets.
      case
        when pg_catalog.split_part(setting, '=', 1) like '%.%'
        then '${hashed} ' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(setting, 'UTF8')), 'hex'), 12)
        else pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1)
      end as value
    from pg_catalog.pg_db_role_setting as settings
    join pg_catalog.pg_database as database on database.oid = settings.setdatabase
    left join pg_catalog.pg_roles as role on role.oid = settings.setrole
    cross join pg_catalog.unnest(settings.setconfig) as setting
    where database.datname = pg_catalog.current_database()`,
});
