import { expect, test } from 'vitest';
import { describeEitherEngine } from '../../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import type { Connection } from '../../postgres/connection.ts';
import { hashLargeObjects } from './hash-large-objects.ts';

describeEitherEngine('hashLargeObjects', (engine) => {
  const server = useServer(engine);

  test('gives whoever owns them what it gives a superuser', async () => {
    const owner = await createTestDatabase(server());
    await withClient(owner, (client) => client.query(make));
    const ofOwner = await hashAs(owner);
    expect(ofOwner).toEqual(await hashAs({ ...server().admin, database: owner.database }));
    expect(ofOwner).toEqual({ count: 4, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    await withClient(owner, (client) =>
      client.query('select lo_put(max(oid), 4096, $1) from pg_largeobject_metadata', ['x']),
    );
    const changed = await hashAs(owner);
    expect(changed.hash).not.toBe(ofOwner.hash);
    expect(changed).toEqual(await hashAs({ ...server().admin, database: owner.database }));
  });

  test('says who may read what it may not', async () => {
    const owner = await createTestDatabase(server());
    await withClient({ ...server().admin, database: owner.database }, (client) => client.query(make));
    await expect(hashAs(owner)).rejects.toMatchObject({
      code: 'SOURCE_NOT_READABLE',
      message: expect.stringContaining('pg_read_all_data') as string,
    });
  });
});

/** Of several pages, one, none, and of zeros alone. */
const make = `
  select lo_from_bytea(0, convert_to(repeat('long ', 5000), 'UTF8'));
  select lo_from_bytea(0, '\\x610000000000');
  select lo_from_bytea(0, '');
  select lo_from_bytea(0, decode(repeat('00', 4096), 'hex'))`;

function hashAs(role: Connection) {
  return withClient(role, async (client) => {
    await client.query('begin transaction isolation level repeatable read, read only');
    return hashLargeObjects(client);
  });
}
