import { isRoleOfBackup } from '../sql-names.ts';
import { stateFacet } from '../state-facet.ts';

export const roleMemberships = stateFacet({
  covers: 'memberships of roles',
  ownership: 'preserve',
  remedy: 'Restore the roles with pg_dumpall --globals-only before the database.',
  sql: `
    select
      pg_catalog.format('%I in %I', member.rolname, role.rolname) as object,
      case when membership.admin_option then 'with admin option' else 'member' end as value
    from pg_catalog.pg_auth_members as membership
    join pg_catalog.pg_roles as role on role.oid = membership.roleid
    join pg_catalog.pg_roles as member on member.oid = membership.member
    where ${isRoleOfBackup('member')}`,
});
