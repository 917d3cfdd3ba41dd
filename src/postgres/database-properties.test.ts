import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { applyDatabaseSettings, createDatabaseLike } from './database-properties.ts';

const utf8 = '6';
const latin1 = '8';

describeEngines('a database like another one', (engine) => {
  const server = useServer(engine);

  async function create(properties: Record<string, string>) {
    const owner = await createTestDatabase(server());
    const database = `like-${randomBytes(4).toString('hex')}`;
    const obstacle = await createDatabaseLike(server().admin, { ...owner, database }, properties);
    const created = await withClient({ ...server().admin, database }, async (client) => {
      const { rows } = await client.query<{ encoding: string; collate: string; owner: string }>(
        `select pg_encoding_to_char(encoding) as encoding, datcollate as collate, pg_get_userbyid(datdba)::text as owner
        from pg_database where datname = current_database()`,
      );
      return rows[0];
    });
    expect(created?.owner).toBe(owner.user);
    return { obstacle, ...created };
  }

  test('has its encoding and locale', async () => {
    const locale = { datlocprovider: 'c', datcollate: 'C', datctype: 'C' };
    expect(await create({ encoding: latin1, ...locale })).toMatchObject({
      obstacle: null,
      encoding: 'LATIN1',
      collate: 'C',
    });
    expect(await create({})).toMatchObject({ obstacle: null, encoding: 'UTF8' });
  });

  test('is reported where this server has not its locale, and has its encoding all the same', async () => {
    const locale = { datlocprovider: 'c', datcollate: 'xx_XX.UTF-8', datctype: 'xx_XX.UTF-8' };
    const created = await create({ encoding: utf8, ...locale });
    expect(created.obstacle).toMatch(/locale name/);
    expect(created).toMatchObject({ encoding: 'UTF8', collate: 'C' });
  });

  test('has its settings, lists and those of roles included; one that cannot be had is left out', async () => {
    const { database, user } = await createTestDatabase(server());
    await applyDatabaseSettings(server().admin, database, [
      { role: null, name: 'default_transaction_read_only', value: 'on' },
      { role: null, name: 'no_such_setting', value: '1' },
      { role: 'no such role', name: 'work_mem', value: '5MB' },
      { role: null, name: 'search_path', value: '"$user", "a ""b", public' },
      { role: user, name: 'work_mem', value: '5MB' },
    ]);
    const { rows } = await withClient(server().admin, (client) =>
      client.query<{ setting: string }>(
        `select unnest(setconfig) as setting from pg_db_role_setting join pg_database on setdatabase = pg_database.oid
        where datname = $1 order by 1`,
        [database],
      ),
    );
    expect(rows.map(({ setting }) => setting)).toEqual([
      'default_transaction_read_only=on',
      'search_path="$user", "a ""b", public',
      'work_mem=5MB',
    ]);
  });
});
