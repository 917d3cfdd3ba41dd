/** SQL that the queries of facets share. */
export const userSchema =
  "namespace.nspname not in ('pg_catalog', 'information_schema') and namespace.nspname !~ '^pg_(toast|temp)'";

export const qualifiedClass = "pg_catalog.format('%I.%I', namespace.nspname, class.relname)";

/** Every server has its own first superuser (BOOTSTRAP_SUPERUSERID is 10), and the harness has roles of its own. */
export function isRoleOfBackup(role: string): string {
  return `${role}.rolname !~ '^(pg_|restore_rehearsal_)' and ${role}.oid <> 10`;
}
