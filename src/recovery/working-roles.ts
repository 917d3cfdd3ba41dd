import type pg from 'pg';

/** Roles that work with a database now: neither superusers nor those that are made here. */
export async function listWorkingRoles(client: pg.Client, database: string): Promise<string[]> {
  const { rows } = await client.query<{ role: string }>(workingRolesQuery, [database]);
  return rows.map(({ role }) => role);
}

const workingRolesQuery = `
  select distinct activity.usename::pg_catalog.text as role
  from pg_catalog.pg_stat_activity as activity
  join pg_catalog.pg_roles as role on role.oid = activity.usesysid
  where activity.datname = $1
  and activity.backend_type = 'client backend'
  and not role.rolsuper
  and not pg_catalog.starts_with(role.rolname, 'restore_rehearsal_')
  order by 1`;
