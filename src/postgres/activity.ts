import type pg from 'pg';
import { findObject, type StatementObject } from './statement-object.ts';

/** What a session of ours is at. Never a row of data. */
export interface Activity {
  object: StatementObject | null;
  /** Whether it waits for a lock that another session has. */
  waits: boolean;
  /** The rows that COPY has been through; null where it is at something else. */
  rows: number | null;
  /** An index that is built: what is done to it, and how far that is. */
  build: { phase: string; done: number; total: number } | null;
}

/** What sessions of ours are at in a database, first those of which most is known. Reads nothing but statistics of the server. */
export async function readActivity(client: pg.Client, database: string): Promise<Activity[]> {
  // Planned once: to plan it takes the server forty times as long as to run it.
  const { rows } = await client.query<Row>({ name: 'activity', text: activityQuery, values: [database] });
  return rows.map(({ query, waits, rows: copied, phase, blocks, tuples }) => ({
    object: findObject(query),
    waits,
    rows: copied === null ? null : Number(copied),
    build: phase === null ? null : { phase, ...furthest(blocks ?? [], tuples ?? []) },
  }));
}

interface Row {
  query: string;
  waits: boolean;
  rows: string | null;
  phase: string | null;
  blocks: [string, string] | null;
  tuples: [string, string] | null;
}

/** A phase counts either blocks or rows; what it does not count stands at 0, or where an earlier phase has left it. */
function furthest(...counted: string[][]): { done: number; total: number } {
  const pairs = counted.map(([done = '0', total = '0']) => ({ done: Number(done), total: Number(total) }));
  return pairs.find(({ done, total }) => done < total) ?? { done: 0, total: 0 };
}

/** Tools bear the name that libpqEnvironment gives them. */
const activityQuery = `
  select
    activity.query,
    coalesce(activity.wait_event_type = 'Lock', false) as waits,
    copy.tuples_processed::text as rows,
    built.phase,
    array[built.blocks_done, built.blocks_total]::text[] as blocks,
    array[built.tuples_done, built.tuples_total]::text[] as tuples
  from pg_catalog.pg_stat_activity as activity
  left join pg_catalog.pg_stat_progress_copy as copy on copy.pid = activity.pid
  left join pg_catalog.pg_stat_progress_create_index as built on built.pid = activity.pid
  where activity.datname = $1
  and activity.state = 'active'
  and activity.application_name = 'restore-rehearsal'
  and activity.backend_type = 'client backend'
  and activity.pid <> pg_catalog.pg_backend_pid()
  order by copy.pid is null, built.pid is null, activity.query_start
  limit 16`;
