import { expect, test } from 'vitest';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { paceSettings, readPaceSettings } from '../postgres/pace-settings.ts';
import { fitSettings } from './fit-settings.ts';

/** Of a server that somebody has tuned: none is as it is installed, or as a disposable server has it otherwise. */
const recorded = {
  ...{ fsync: 'on', synchronous_commit: 'local', full_page_writes: 'on', wal_level: 'logical', max_wal_senders: '3' },
  ...{ wal_compression: 'pglz', wal_buffers: '3MB', max_wal_size: '333MB', min_wal_size: '96MB' },
  ...{ checkpoint_timeout: '7min', checkpoint_completion_target: '0.7', shared_buffers: '33MB', work_mem: '5MB' },
  ...{ maintenance_work_mem: '37MB', autovacuum: 'on', autovacuum_max_workers: '2', max_worker_processes: '6' },
  ...{ max_parallel_workers: '5', max_parallel_maintenance_workers: '1', effective_io_concurrency: '4' },
  maintenance_io_concurrency: '6',
};

describeEitherEngine('a server with the settings of another one', (engine) => {
  const server = useServer(engine, { settings: fitSettings(recorded, 8 * 1024 ** 3).settings });

  test('has all of them', async () => {
    expect(Object.keys(recorded).sort()).toEqual([...paceSettings].sort());
    expect(await withClient(server().admin, readPaceSettings)).toEqual(recorded);
    expect(server().settings).toMatchObject(recorded);
  });
});
