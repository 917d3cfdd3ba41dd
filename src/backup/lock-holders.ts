import type pg from 'pg';

/** Who holds tables of this database for itself alone, or waits to, and keeps all others out meanwhile; null for nobody. */
export async function describeHolders(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<Holder>(holdersQuery);
  const [first] = rows;
  if (first === undefined) return null;
  const tables = [...new Set(rows.filter(({ pid }) => pid === first.pid).map(({ table }) => table))];
  const shown = `${tables.slice(0, 5).join(', ')}${tables.length > 5 ? ` and ${tables.length - 5} more` : ''}`;
  const { pid, application, user, waitsFor } = first;
  const session = [`pid ${pid}`, application && `application_name ${application}`, user && `role ${user}`];
  const waits = waitsFor.length === 0 ? 'holds' : `waits for pid ${waitsFor.join(', ')} and wants`;
  return `The session that ${waits} ${shown} for itself: ${session.filter(Boolean).join(', ')}. See whether a migration hangs there; pg_terminate_backend(${pid}) ends it.`;
}

interface Holder {
  table: string;
  pid: number;
  /** null where the role may not see it. */
  application: string | null;
  user: string | null;
  waitsFor: number[];
}

/** Reading needs ACCESS SHARE, which goes with every other lock but this one. One that waits for it stands in the way as well. */
const holdersQuery = `
  select
    locks.relation::pg_catalog.regclass::text as table,
    locks.pid,
    nullif(activity.application_name, '') as application,
    activity.usename::text as user,
    case when locks.granted then '{}' else pg_catalog.pg_blocking_pids(locks.pid) end as "waitsFor"
  from pg_catalog.pg_locks as locks
  join pg_catalog.pg_class as class on class.oid = locks.relation
  left join pg_catalog.pg_stat_activity as activity on activity.pid = locks.pid
  where locks.locktype = 'relation'
  and locks.mode = 'AccessExclusiveLock'
  and locks.pid <> pg_catalog.pg_backend_pid()
  and class.relkind in ('r', 'p', 'm')
  and locks.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
  order by locks.granted desc, activity.state_change, locks.pid, 1`;
