import { expect, inject, describe, test } from 'vitest';
import { makeClusters } from '../../fixtures/testing/clusters.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { copyStrategy } from './copy-strategy.ts';

describeEngine('local', 'a disposable server', (engine) => {
  const server = useServer(engine);

  test('copies templates file by file, where it knows another way', async () => {
    const { admin, serverVersion } = server();
    const knowsAnother = Number(serverVersion.split('.')[0]) >= 15;
    expect(await withClient(admin, copyStrategy)).toBe(knowsAnother ? 'strategy file_copy' : '');
  });
});

describe.skipIf(inject('skipped').local !== null)('a server that syncs', () => {
  test('copies them as production does', async () => {
    const { start } = await makeClusters();
    expect(await withClient(await start('primary', { fsync: 'on' }), copyStrategy)).toBe('');
  });
});
