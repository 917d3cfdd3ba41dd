import { expect, onTestFinished, test } from 'vitest';
import { noDump } from '../../fixtures/testing/dumps.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, startServer, useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { takeSnapshot } from '../snapshot/take.ts';
import { RecoveryServer } from '../recovery/recovery-server.ts';
import { connect } from '../../fixtures/testing/sessions.ts';
import { disconnect, type Connection } from './connection.ts';
import { createDatabase, createRoleAndDatabase, dropDatabase } from './database.ts';
import { withDisposable, type DisposableConnection } from './disposable.ts';
import { createExtensions } from './extensions.ts';
import { createRoles, dropRoles, restoreGlobals, setPassword } from './globals.ts';
import { createReader } from './reader.ts';
import type { RecoveryTools } from './recovery-tools.ts';
import { restoreDatabase } from './restore.ts';
import { runSqlFile } from './seed.ts';
import { connectToSource } from './source.ts';
import type { ToolRunner } from './tool.ts';

const limits = { timeoutMs: 30_000 };

/** A production server, as a profile or a flag would name it. */
const production: Connection = { host: '127.0.0.1', port: 5432, user: 'postgres', password: '', database: 'shop' };

/** Never called: the types alone have to refuse it. */
export function refusedByTypes(
  source: ToolRunner<'pg_dump' | 'pg_dumpall'>,
  recovery: RecoveryServer,
): Promise<unknown>[] {
  return [
    // @ts-expect-error: a connection that was given to us
    dropDatabase(production, 'shop'),
    // @ts-expect-error: the same, written down once more
    dropDatabase({ ...production }, 'shop'),
    // @ts-expect-error: a server of ours is asked for, not a connection that happens to have its password
    withDisposable(production, (client) => client.query('drop table users')),
    // @ts-expect-error: a server that is only to be read cannot restore
    restoreDatabase(source, production, noDump, limits),
    // @ts-expect-error: nor run SQL files
    runSqlFile(source, production, 'shop.sql', limits),
    // @ts-expect-error: a server that was given to restore beside its live database is no disposable one
    dropDatabase(recovery, 'shop'),
    // @ts-expect-error: neither is how its databases are read
    recovery.openReader('shop').then(({ connection }) => dropDatabase(connection, 'shop')),
    // @ts-expect-error: its client programs restore only into what was made there
    restoreDatabase(recovery.tools, production, noDump, limits),
    // @ts-expect-error: it runs no SQL files
    runSqlFile(recovery, production, 'shop.sql', limits),
  ];
}

const hstore = { name: 'hstore', schema: null, version: null };

describeEitherEngine('a server that this process has not started', (engine) => {
  const server = useServer(engine);

  test.for([
    ['drop a database', (at) => dropDatabase(at, 'shop')],
    ['create a database', (at) => createDatabase(at, at)],
    ['create a role', (at) => createRoleAndDatabase(at, at)],
    ['create roles', (at) => createRoles(at, ['a'])],
    ['drop roles', (at) => dropRoles(at, [])],
    ['set a password', (at) => setPassword(at, at)],
    ['create a reader', (at) => createReader(at, { user: 'r', password: 'p' })],
    ['create extensions', (at) => createExtensions(at, [hstore], { owner: 'r', users: ['r'], mayGrant: false })],
    ['run a statement', (at) => withDisposable(at, (client) => client.query('drop table users'))],
    ['restore', (at) => restoreDatabase({ ...server(), admin: at }, at, noDump, limits)],
    ['restore roles', (at) => restoreGlobals({ ...server(), admin: at }, 'globals.sql', limits)],
    ['run a file', (at) => runSqlFile({ ...server(), admin: at }, at, 'shop.sql', limits)],
  ] as [string, (at: DisposableConnection) => Promise<unknown>][])(
    'is not touched to %s, even where the type is cast away',
    async ([, act]) => {
      const other = { ...server().admin, ...(engine === 'local' ? { port: 5433 } : { host: '127.0.0.9' }) };
      await expect(act(production as DisposableConnection)).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
      await expect(act(other)).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
    },
  );

  test('is restored into only where a database was made there for it, even where the type is cast away', async () => {
    const live = await createTestDatabase(server());
    const other = await createTestDatabase(server());
    const { runTool } = server();
    await using recovery = await RecoveryServer.open(live.database, server().admin, { runTool });
    const mark = {
      ...({ tool: 'restore-rehearsal', state: 'unfinished', database: live.database } as const),
      ...{ backup: '0'.repeat(64), takenAt: '2026-02-09T09:48:03.120Z' },
    };
    const name = `${live.database}_restore`;
    const facts = await recovery.readFacts(live.database);
    if (facts === null) throw new Error('The live database is gone.');
    await recovery.create(name, facts, mark);
    await using restorer = await recovery.openRestorer(name, live.user, { actsFor: null });
    const { tools, connection: target } = restorer;
    const restoring = (runner: unknown, database: string) =>
      restoreDatabase(runner as RecoveryTools, { ...target, database }, noDump, limits);
    const refused = [
      () => restoring(tools, live.database),
      () => restoring({ ...tools }, name),
      () => restoring(recovery.tools, name),
      () => recovery.openRestorer(live.database, live.user, { actsFor: null }),
      () => recovery.openRestorer(other.database, live.user, 'superuser'),
      () => recovery.dropUnfinished(live.database, mark.backup),
      () => recovery.dropUnfinished(other.database, mark.backup),
      () => recovery.dropUnfinished(name, '1'.repeat(64)),
      () => recovery.createExtensions(live.database, [hstore], { owner: live.user, users: [], mayGrant: false }),
      () => recovery.markFinished(live.database, { ...mark, state: 'verified' }),
      () => recovery.carryOver(other.database, facts),
    ];
    for (const act of refused) await expect(act(), String(act)).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
    await expect(restoring(tools, name)).rejects.toMatchObject({ code: 'ENOENT' });
    await recovery.dropUnfinished(name, mark.backup);
  });

  test('is what a server is again, once it has been disposed of', async () => {
    const directory = await makeWorkspace();
    const own = await startServer(engine, directory);
    await dropDatabase(own.admin, 'none');
    await own[Symbol.asyncDispose]();
    await expect(dropDatabase(own.admin, 'none')).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
  });

  test.for([
    "insert into public.notes values (2, 'two')",
    'drop table public.notes',
    'truncate public.notes',
    'create table public.others (id integer)',
    "select setval('public.notes_id_seq', 7)",
    'begin; drop table public.notes; commit',
    'refresh materialized view public.counted',
    "alter system set work_mem = '1MB'",
  ])('is only read as a source: %s', async (statement) => {
    const source = await makeSource();
    const client = await connectToSource(source, limits);
    onTestFinished(() => disconnect(client));
    await expect(client.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^(25006|25001|42501)$/) as string,
    });
  });

  test('is not waited for without an end where somebody else holds a table', async () => {
    const source = await makeSource();
    const blocker = await connect(source);
    onTestFinished(() => disconnect(blocker));
    await blocker.query('begin; lock table notes in access exclusive mode');
    const runner = server();
    const reading = takeSnapshot(
      { ...source, ...runner.admin, database: source.database },
      {
        runner,
        ownership: 'runbook',
        timeoutMs: 1000,
      },
    );
    await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/TIMED_OUT|LOCKED/) as string });
  });

  async function makeSource(): Promise<Connection> {
    const owner = await createTestDatabase(server());
    const client = await connect(owner);
    await client.query(`
      create table notes (id serial primary key, note text);
      insert into notes (note) values ('one');
      create materialized view counted as select count(*) from notes;`);
    // What a database or a role has set must not switch the protection off.
    await client.query(`alter database "${owner.database}" set default_transaction_read_only = off`);
    await client.query(`alter role "${owner.user}" set default_transaction_read_only = off`);
    await disconnect(client);
    return owner;
  }
});
