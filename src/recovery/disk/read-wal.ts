import type pg from 'pg';
import type { Sizes } from './need.ts';

/** What a server keeps of WAL. */
export async function readWal(client: pg.Client): Promise<Sizes['wal']> {
  const { rows } = await client.query<{ most: string; isKept: boolean }>(walQuery);
  const present = await client
    .query<{ bytes: string }>('select coalesce(sum(size), 0)::text as bytes from pg_catalog.pg_ls_waldir()')
    // Not everybody may know it.
    .catch(() => ({ rows: [] }));
  const [wal] = rows;
  return {
    mostBytes: Number(wal?.most ?? 0),
    presentBytes: Number(present.rows[0]?.bytes ?? 0),
    isKept: wal?.isKept ?? false,
  };
}

/** Who waits for WAL is told from what is read: an archive whose last word is a failure, a slot without a reader. */
const walQuery = `
  select
    (
      pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size'))
      + coalesce(pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_keep_size', true)), 0)
    )::text as most,
    exists (
      select from pg_catalog.pg_stat_archiver
      where last_failed_time > coalesce(last_archived_time, '-infinity')
    )
    or exists (
      select from pg_catalog.pg_replication_slots where not active and restart_lsn is not null
    ) as "isKept"`;
