import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { setOf } from '../backup/backup-set.ts';
import { throwawaySettingsFor } from '../engine/throwaway-settings.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import { countObjects } from './count-objects.ts';
import { readBackup } from './read-backup.ts';

test('a server has room for a lock on each object, and some to spare', () => {
  const locks = (objects: number) => {
    const { max_connections: sessions, max_locks_per_transaction: each } = throwawaySettingsFor(objects);
    return Number(sessions) * Number(each);
  };
  expect(locks(0)).toBeGreaterThanOrEqual(38_000);
  expect(locks(100_000)).toBeGreaterThanOrEqual(400_000);
});

describeEngine('local', 'the objects of a backup', (engine) => {
  const server = useServer(engine);

  test.for(['custom', 'tar', 'plain'])('are counted before there is a server: %s', async (format, { signal }) => {
    const owner = await createTestDatabase(server());
    const tables = Array.from({ length: 40 }, (_, n) => `create table t${n} (id serial primary key)`);
    await withClient(owner, (client) => client.query(tables.join('; ')));
    const directory = await makeWorkspace();
    const file = join(directory, 'many.dump');
    const limits = { timeoutMs: 30_000, signal };
    await dumpDatabase(server(), owner, null, file, limits, { selection: [`--format=${format}`] });
    const backup = await readBackup({ ...setOf(join(directory, 'none')), dump: file }, directory, {
      ...limits,
      path: '',
    });
    if ('unreadable' in backup) throw new Error('It cannot be read.');
    // A table, its sequence, and its key.
    expect(await countObjects(backup)).toBeGreaterThanOrEqual(120);
  });
});
