import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { asDump } from '../../fixtures/testing/dumps.ts';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, startServer, useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import { restoreDatabase } from '../postgres/restore.ts';
import { openSnapshot, takeSnapshot } from '../snapshot/take.ts';

const limits = { timeoutMs: 60_000 };

describeEngines('a disposable server', (engine) => {
  const server = useServer(engine);

  test('runs with the settings that the evidence records', async () => {
    const { settings, admin, serverVersion } = server();
    await withClient(admin, async (client) => {
      const { rows } = await client.query<{ name: string; value: string }>(
        'select name, current_setting(name) as value from unnest($1::text[]) as name',
        [Object.keys(settings)],
      );
      expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toEqual(settings);
      const version = await client.query<{ server_version: string }>('show server_version');
      expect(version.rows[0]?.server_version).toContain(serverVersion);
    });
  });

  test('takes no client without the password', async () => {
    const { admin } = server();
    await expect(withClient({ ...admin, password: 'wrong' }, (client) => client.query('select 1'))).rejects.toThrow(
      /password authentication failed/,
    );
  });

  test('has a database whose owner is no superuser and may not run programs', async () => {
    const owner = await createTestDatabase(server());
    await withClient(owner, async (client) => {
      const { rows } = await client.query<{ usesuper: boolean }>(
        "select usesuper or pg_has_role(usename, 'pg_execute_server_program', 'member') as usesuper from pg_user where usename = current_user",
      );
      expect(rows).toEqual([{ usesuper: false }]);
    });
  });

  test('dumps and restores every byte, also through names that need quoting', async () => {
    const directory = await makeWorkspace();
    const source = await createTestDatabase(server(), 'a=b "c" \'d\' \\e ü');
    await withClient(source, async (client) => {
      await client.query('create table bytes (id integer primary key, content bytea)');
      await client.query(
        "insert into bytes select n, (select string_agg(decode(md5(n * 1000 + m || ''), 'hex'), '') from generate_series(1, 500) as m) from generate_series(1, 500) as n",
      );
    });
    const target = { ...source, database: `${source.database} 2` };
    const file = join(directory, 'x.dump');
    await using reference = await openSnapshot(
      { ...server().admin, database: source.database },
      { ...limits, runner: server(), ownership: 'runbook' },
    );
    const dump = await dumpDatabase(server(), source, reference.id, file, limits);
    expect(dump).toMatchObject({ exitCode: 0, stderr: '' });
    expect(dump.sizeBytes).toBeGreaterThan(4_000_000);
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(dump.sha256);

    await withClient(server().admin, (client) =>
      client.query(`create database ${pg.escapeIdentifier(target.database)} owner ${pg.escapeIdentifier(target.user)}`),
    );
    expect(await restoreDatabase(server(), target, dump, limits)).toMatchObject({ exitCode: 0 });
    expect(
      await takeSnapshot(
        { ...server().admin, database: target.database },
        { ...limits, runner: server(), ownership: 'runbook' },
      ),
    ).toEqual(reference.snapshot);
  });

  test('passes on the status and the messages of a tool that fails', async () => {
    const directory = await makeWorkspace({ 'not-an-archive': 'x'.repeat(300_000) });
    const owner = await createTestDatabase(server());
    const result = await restoreDatabase(server(), owner, await asDump(join(directory, 'not-an-archive')), limits);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/does not appear to be a valid (?:tar )?archive/);
  });

  test('ends a tool at its deadline, and when the rehearsal is interrupted', async () => {
    const owner = await createTestDatabase(server());
    const sleep = { tool: 'psql' as const, args: ['--command=select pg_sleep(600)'], ...owner };
    await expect(server().runTool({ ...sleep, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'TOOL_TIMED_OUT',
      message: 'psql had not finished after 0.3 s and was ended.',
    });
    const signal = AbortSignal.timeout(300);
    await expect(server().runTool({ ...sleep, timeoutMs: 60_000, signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });

  test('knows a tool that was killed', async () => {
    const owner = await createTestDatabase(server());
    const killed = server().runTool({
      tool: 'psql',
      args: ['--command=\\! kill -9 $PPID'],
      ...owner,
      timeoutMs: 60_000,
    });
    await expect(killed).rejects.toMatchObject({ code: 'TOOL_KILLED' });
  });

  test('has shared memory for a query that works in parallel', async () => {
    const owner = await createTestDatabase(server());
    await withClient(owner, async (client) => {
      await client.query(`
        set work_mem = '512MB';
        set parallel_setup_cost = 0;
        set parallel_tuple_cost = 0;
        set enable_mergejoin = off;
        set enable_nestloop = off;
        set max_parallel_workers_per_gather = 2;
        create table numbers as select n, pg_catalog.repeat('x', 40) as text from pg_catalog.generate_series(1, 1500000) as n;
        analyze numbers`);
      const join = 'select count(*)::integer as rows, count(b.text) from numbers as a join numbers as b using (n)';
      const plan = await client.query<Record<'QUERY PLAN', string>>(`explain ${join}`);
      expect(plan.rows.map((row) => row['QUERY PLAN']).join()).toContain('Parallel Hash Join');
      const { rows } = await client.query(join);
      expect(rows).toMatchObject([{ rows: 1_500_000 }]);
    });
  });

  test('leaves nothing in its directory', async () => {
    const directory = join(await makeWorkspace(), `restore-rehearsal-test-${String(process.hrtime.bigint())}`);
    await mkdir(directory, { mode: 0o711 });
    const own = await startServer(engine, directory);
    await writeFile(join(directory, 'not ours'), '');
    await own[Symbol.asyncDispose]();
    expect(await readdir(directory)).toEqual(['not ours']);
    await expect(withClient(own.admin, (client) => client.query('select 1'))).rejects.toMatchObject({
      code: 'SERVER_LOST',
    });
  });
});
