import type pg from 'pg';

/**
 * Settings of a server on which it depends how long a restore takes. None of them is a secret, starts a program or names another
 * machine: what a manifest says of these may be given to a server.
 */
export const paceSettings = [
  ...[
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'wal_level',
    'max_wal_senders',
    'wal_compression',
    'wal_buffers',
  ],
  ...['max_wal_size', 'min_wal_size', 'checkpoint_timeout', 'checkpoint_completion_target'],
  ...['shared_buffers', 'work_mem', 'maintenance_work_mem', 'autovacuum', 'autovacuum_max_workers'],
  ...['max_worker_processes', 'max_parallel_workers', 'max_parallel_maintenance_workers'],
  ...['effective_io_concurrency', 'maintenance_io_concurrency'],
] as const;

/** Reads them as the server shows them, with their units. One that it does not know is left out. */
export async function readPaceSettings(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    'select name, pg_catalog.current_setting(name) as value from pg_catalog.pg_settings where name = any ($1) order by name',
    [paceSettings],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
