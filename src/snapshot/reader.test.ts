import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { createReader } from '../postgres/reader.ts';
import { compareSnapshots } from './compare.ts';
import type { Snapshot } from './snapshot.ts';
import { takeSnapshot } from './take.ts';

describeEitherEngine('a reader without superuser rights', (engine) => {
  const server = useServer(engine);
  const reader = { user: 'restore_rehearsal_reader', password: 'no secret here' };

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
    expect(before.state.ROLE).not.toHaveProperty('restore_rehearsal_reader');
    expect(JSON.stringify(before.state.ROLE_MEMBERSHIP)).not.toContain('restore_rehearsal_reader in');
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

  test('sees what the owner of the database and a superuser see', async () => {
    const owner = await createTestDatabase(server());
    const admin = { ...server().admin, database: owner.database };
    const everything = { ...admin, user: 'restore_rehearsal_reader_too', password: 'no secret here' };
    await createReader(server().admin, everything);
    await withClient(admin, (client) =>
      client.query(`
        create extension postgres_fdw;
        create server away foreign data wrapper postgres_fdw options (service 'canary');
        grant usage on foreign server away to ${pg.escapeIdentifier(owner.user)};
        create subscription owned connection 'host=db.invalid password=canary' publication p with (connect = false);
        alter database ${pg.escapeIdentifier(owner.database)} set app.key = 'canary'`),
    );
    await withClient(owner, async (client) => {
      await client.query(`
        create table public.rows (id serial primary key, secret text);
        insert into public.rows (secret) select 'x' from generate_series(1, 100);
        alter table public.rows enable row level security;
        create policy none on public.rows using (false);
        create user mapping for current_user server away options (password 'canary');
        select lo_from_bytea(0, convert_to(repeat('long ', 5000), 'UTF8'));
        select lo_from_bytea(0, '\\x610000000000');
        select lo_from_bytea(0, '');
        select lo_from_bytea(0, decode(repeat('00', 4096), 'hex'));
        select lo_put(lo_create(0), 100000, 'beyond a hole')`);
    });
    const options = { runner: server(), ownership: 'preserve', timeoutMs: 60_000 } as const;
    const seen = await Promise.all([owner, everything, admin].map((role) => takeSnapshot(role, options)));
    expect(seen[0]?.largeObjects.rows).toBe(5);
    expect(seen[0]?.state.SUBSCRIPTION).toBeUndefined();
    expect(seen[0]?.state.USER_MAPPING).toBeUndefined();
    expect(seen[0]).toEqual({ ...seen[1], state: omit(seen[1]?.state), denied: ['SUBSCRIPTION', 'USER_MAPPING'] });
    expect(seen[2]).toEqual(seen[1]);
    expect(JSON.stringify(seen)).not.toContain('canary');
    await withClient(admin, (client) =>
      client.query('alter subscription owned set (slot_name = none); drop subscription owned'),
    );
  });

  test('changes nothing, and makes nothing', async () => {
    const owner = await createTestDatabase(server());
    const user = 'restore_rehearsal_reader_alone';
    await createReader(server().admin, { ...reader, user });
    await withClient(owner, (client) => client.query('create table notes (n int); insert into notes values (1)'));
    await withClient({ ...owner, ...reader, user }, async (client) => {
      expect((await client.query('select n from notes')).rows).toEqual([{ n: 1 }]);
      for (const statement of [
        'insert into notes values (2)',
        'update notes set n = 2',
        'delete from notes',
        'truncate notes',
        'create table public.own (n int)',
        'create schema own',
        'create role other',
        'create database other',
      ]) {
        await expect(client.query(statement), statement).rejects.toMatchObject({ code: '42501' });
      }
      const { rows } = await client.query(
        'select rolsuper, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = current_user',
      );
      expect(rows).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolreplication: false }]);
    });
  });
});

function omit({ SUBSCRIPTION, USER_MAPPING, ...rest }: Snapshot['state'] = {}): Snapshot['state'] {
  expect([SUBSCRIPTION, USER_MAPPING]).not.toContain(undefined);
  return rest;
}
