import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { connect, withClient } from '../../fixtures/testing/sessions.ts';
import { startStandby } from '../../fixtures/testing/standby.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { takeBackup, type TakenBackup } from '../backup/take-backup.ts';
import { databaseUrl, disconnect, type Connection } from '../postgres/connection.ts';
import { openUrl } from '../source/url-source.ts';
import { readEnvironment } from '../system/environment.ts';
import type { ServedDatabase } from './served-database.ts';

/** The well-known wrapper of a function of an extension, which leaves out the schema within. */
const wrapper = `
  create extension unaccent;
  create function f_unaccent(text) returns text language sql immutable strict as $$ select unaccent('unaccent', $1) $$;
  create table people (id serial primary key, name text);
  insert into people (name) values ('Jürgen');`;

describe.skipIf(inject('skipped').local !== null)('a source', () => {
  const server = useServer('local');
  let original: ServedDatabase;
  let port: Pick<Connection, 'host' | 'port'>;

  beforeAll(async () => {
    original = await serveDrill(server(), { database: { name: 'shop', owner: 'shop' } });
    port = await server().openPort();
  });
  afterAll(() => original.drill.run.dispose());

  async function makeSource(sql: string, adminSql = ''): Promise<Connection> {
    const owner = await createTestDatabase(server());
    await withClient(owner, (client) => client.query(sql));
    if (adminSql !== '') {
      const admin = { ...server().admin, database: owner.database };
      await withClient(admin, (client) => client.query(adminSql));
    }
    return { ...owner, ...port };
  }

  async function backUp(connection: Connection, lockTimeoutMs = 60_000): Promise<TakenBackup> {
    const directory = await makeWorkspace();
    await using source = await openUrl(databaseUrl(connection), readEnvironment(), directory);
    const limits = { timeoutMs: 60_000, lockTimeoutMs };
    return await takeBackup(source, {
      directory,
      ownership: 'runbook',
      format: 'custom',
      compression: undefined,
      limits,
    });
  }

  test.for([
    [
      'whose rows a policy hides from the owner of the table',
      `create table orders (id int, tenant text); insert into orders values (1, 'a'), (2, 'b');
      alter table orders enable row level security, force row level security;
      create policy own on orders using (tenant = 'a')`,
      '',
      'ROW_SECURITY',
      /the table orders.*FORCE ROW LEVEL SECURITY.*BYPASSRLS/s,
    ],
    [
      'with a table that its role may not read',
      'create table open (id int)',
      'create table public.secrets (id int)',
      'SOURCE_NOT_READABLE',
      /secrets.*pg_read_all_data/s,
    ],
    [
      'whose TOAST is damaged',
      `create table files (id int, body text); alter table files alter body set storage external;
      insert into files values (1, repeat('x', 100000))`,
      `create extension pg_surgery schema public;
      select public.heap_force_kill(reltoastrelid, array['(0,1)']::tid[]) from pg_class where relname = 'files'`,
      'SOURCE_CORRUPT',
      /the table (public\.)?files.*corruption.*pg_amcheck.*files\.body/s,
    ],
  ] as const)('%s is not backed up, and says why: %s', { timeout: 120_000 }, async ([, sql, adminSql, code, said]) => {
    const error: unknown = await backUp(await makeSource(sql, adminSql)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(said) as string });
    expect((error as Error).message).not.toMatch(/Read it as the owner|by hand/);
  });

  test('that a migration has locked names the table and who holds it', async () => {
    const owner = await makeSource('create table orders (id int)');
    const migration = await connect(owner);
    try {
      await migration.query("set application_name = 'migrate 42'; begin; alter table orders add note text");
      const { rows } = await migration.query<{ pid: number }>('select pg_backend_pid() as pid');
      await expect(backUp(owner, 500)).rejects.toMatchObject({
        code: 'SOURCE_LOCKED',
        message: expect.stringMatching(
          new RegExp(`orders.*pid ${String(rows[0]?.pid)}.*application_name migrate 42`, 's'),
        ) as string,
      });
    } finally {
      await disconnect(migration);
    }
  });

  test.for([
    ['an index', 'create index people_name on people (f_unaccent(name))'],
    ['a partial index', "create index people_name on people (id) where f_unaccent(name) <> ''"],
    ['a generated column', 'alter table people add plain text generated always as (f_unaccent(name)) stored'],
    ['a check', "alter table people add check (f_unaccent(name) <> '')"],
  ])(
    'whose function leaves out a schema, used in %s, is backed up, and the restore names the function',
    async ([, sql]) => {
      const owner = await makeSource(`${wrapper} ${sql}`);
      const { set, manifest } = await backUp(owner);
      expect(manifest.snapshot.tables).toMatchObject([{ name: 'people', rows: 1 }]);
      const { metas } = await rehearse(owner, set.dump);
      expect(metas.at(-1)?.contribution.findings).toMatchObject([
        {
          rule: 'FUNCTION_NOT_FOUND',
          severity: 'error',
          object: 'unaccent(unknown, text)',
          message: expect.stringMatching(/f_unaccent/) as string,
          remedy: expect.stringMatching(/qualify names/) as string,
        },
      ]);
    },
  );

  test('whose function leaves out a schema, used in statistics alone, is verified', async () => {
    const owner = await makeSource(`${wrapper} create statistics people_name on f_unaccent(name), id from people`);
    const { set } = await backUp(owner);
    expect((await rehearse(owner, set.dump)).rules).toEqual([]);
  });

  test('with bytes that its encoding does not have is restored nowhere: the finding names table, row and next step', async () => {
    const owner = await makeSource('create table notes (id int, body text); insert into notes values (1, $$ok$$)');
    await addInvalidBytes(owner);
    const { set } = await backUp(owner);
    const { metas } = await rehearse(owner, set.dump);
    expect(metas.at(-1)?.contribution.findings).toMatchObject([
      {
        rule: 'INVALID_BYTES',
        object: 'notes',
        remedy: expect.stringMatching(/UTF8.*select ctid from only notes offset 1 limit 1/) as string,
      },
    ]);
  });

  test('that is a standby says which unlogged rows it does not have', { timeout: 120_000 }, async () => {
    const standby = await startStandby((primary) =>
      withClient(primary, async (client) => {
        await client.query(`create table orders (id int); insert into orders values (1);
          create unlogged table cache (id serial, note text); insert into cache (note) values ('x')`);
      }),
    );
    const { set, manifest } = await backUp(standby);
    expect(manifest.snapshot.tables).toMatchObject([
      { name: 'cache', rows: null, notRead: expect.stringMatching(/unlogged.*standby/) as string },
      { name: 'orders', rows: 1 },
    ]);
    const { rules, metas } = await rehearse(standby, set.dump);
    expect(rules).toEqual(['TABLE_DATA_MISSING']);
    expect(metas.at(-1)?.contribution.findings).toMatchObject([
      {
        object: 'cache',
        message: expect.stringMatching(/standby/) as string,
        remedy: expect.stringMatching(/primary/) as string,
      },
    ]);
  });

  /** Of another database than the drill's own: a profile for it. */
  function rehearse({ database }: Connection, dump: string) {
    return rehearseBackup(original, dump, { database: { ...original.drill.profile.database, name: database } });
  }

  /** PostgreSQL checks what comes in; a catalog that says the database has no encoding lets anything pass. */
  async function addInvalidBytes({ database }: Connection): Promise<void> {
    const setEncoding = (encoding: number) =>
      withClient(server().admin, (client) =>
        client.query(`update pg_catalog.pg_database set encoding = ${encoding} where datname = $1`, [database]),
      );
    await setEncoding(0);
    await withClient({ ...server().admin, database }, (client) =>
      client.query("insert into public.notes values (2, pg_catalog.convert_from('\\xff', 'SQL_ASCII'))"),
    );
    await setEncoding(6);
  }
});
