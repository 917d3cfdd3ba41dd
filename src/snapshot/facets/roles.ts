import { isRoleOfBackup } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const roles = stateFacet({
  // Context: a server's first superuser is among the roles that are kept, and not in the snapshot; still caught: roles that are
  // missing or changed.
  origin: ({ kind }) => (kind === 'unexpected' ? 'server' : 'backup'),
  covers: 'attributes and settings of roles',
  ownership: 'preserve',
  remedy: 'Restore the roles with pg_dumpall --globals-only before the database.',
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
    where ${isRoleOfBackup('role')}`,
});
