import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../postgres/connection.ts';
import { createReader } from '../postgres/reader.ts';
import { compareSnapshots } from './compare.ts';
import { takeSnapshot } from './take.ts';

describeEngines('a reader without superuser rights', (engine) => {
  const server = useServer(engine);
  const reader = { user: 'reader', password: 'no secret here' };

  test('sees what pg_dump shows to superusers alone, and shows no password of it', async () => {
    await createReader(server().admin, reader);
    const owner = await createTestDatabase(server());
    const admin = { ...server().admin, database: owner.database };
    const options = { runner: server(), ownership: 'preserve', timeoutMs: 60_000 } as const;
    await withClient(admin, (client) =>
      client.query(`
        create subscription feed connection 'host=db.invalid password=canary' publication p with (connect = false);
        create extension postgres_fdw;
        create server far foreign data wrapper postgres_fdw;
        create user mapping for ${pg.escapeIdentifier(owner.user)} server far options (password 'canary');`),
    );
    const before = await takeSnapshot({ ...admin, ...reader }, options);
    expect(before.state.ROLE).not.toHaveProperty('reader');
    expect(JSON.stringify(before.state.ROLE_MEMBERSHIP)).not.toContain('reader in');
    expect(JSON.stringify(before)).not.toContain('canary');

    await withClient(admin, (client) =>
      client.query(`
        alter subscription feed connection 'host=db.invalid password=other';
        alter user mapping for ${pg.escapeIdentifier(owner.user)} server far options (set password 'other');`),
    );
    const after = await takeSnapshot({ ...admin, ...reader }, options);
    expect(compareSnapshots(before, after)).toEqual([
      expect.objectContaining({ rule: 'SUBSCRIPTION_CHANGED', object: 'feed' }),
      expect.objectContaining({ rule: 'USER_MAPPING_CHANGED', object: `USER MAPPING ${owner.user} SERVER far` }),
    ]);

    await withClient(admin, (client) =>
      client.query('alter subscription feed set (slot_name = none); drop subscription feed'),
    );
    expect(compareSnapshots(after, await takeSnapshot({ ...admin, ...reader }, options))).toEqual([
      expect.objectContaining({ rule: 'SUBSCRIPTION_MISSING', object: 'feed' }),
    ]);
  });
});
