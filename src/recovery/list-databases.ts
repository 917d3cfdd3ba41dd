import type pg from 'pg';
import { limitOfUnmarked } from './carry-over.ts';
import { readMark } from './marks.ts';
import type { MarkedDatabase } from './plan.ts';

/** The databases of a server, and what they say of themselves. */
export async function listMarkedDatabases(client: pg.Client): Promise<MarkedDatabase[]> {
  const { rows } = await client.query<DatabaseRow>(databasesQuery, [limitOfUnmarked]);
  return rows.map(({ oid, name, comment, closed, invalid, inUse }) => {
    const mark = readMark(comment);
    return { oid, name, mark, unfinished: mark === null ? closed && comment === null : invalid, inUse };
  });
}

interface DatabaseRow {
  oid: string;
  name: string;
  comment: string | null;
  closed: boolean;
  invalid: boolean;
  inUse: boolean;
}

/**
 * Dropping a database that does not come to its end leaves it with the connection limit -2, and good for nothing. What a
 * run that was killed has left at work is nobody's.
 */
const databasesQuery = `
  select
    oid::text as oid,
    datname::text as name,
    pg_catalog.shobj_description(oid, 'pg_database') as comment,
    not datallowconn and datconnlimit = $1 as closed,
    datconnlimit = -2 as invalid,
    exists (
      select from pg_catalog.pg_stat_activity as activity
      where activity.datid = database.oid
      and activity.backend_type = 'client backend'
      and activity.application_name not in ('restore-rehearsal', 'pg_restore')
    ) as "inUse"
  from pg_catalog.pg_database as database`;
