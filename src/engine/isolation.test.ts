import { once } from 'node:events';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine, describeEngines } from '../../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../../fixtures/testing/leftovers.ts';
import { listen } from '../../fixtures/testing/listener.ts';
import { createTestDatabase, makeServerDirectory, startServer, useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Connection } from '../postgres/connection.ts';
import type { ToolCall } from '../postgres/tool.ts';
import { isUnavailable, type DisposableServer } from './engine.ts';
import { probeLocal } from './local.ts';

const shutOff = {
  local: 'a network namespace of its own without interfaces, Unix socket only',
  docker: 'a container without a network, Unix socket only',
};

describeEngines('what runs in a server', (engine) => {
  const server = useServer(engine, { smallDisk: true });

  test('reaches neither this machine nor anything else', async () => {
    const { port, count } = await listen();
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
    expect(addresses).toContain('127.0.0.1');
    for (const address of [...addresses, '203.0.113.1']) {
      const reach = `exec 3<>/dev/tcp/${address}/${port} && echo reached`;
      expect(await runInside(server(), `timeout 5 bash -c '${reach}' 2>/dev/null || echo failed`)).toBe('failed');
    }
    expect(count()).toBe(0);
    await once(createConnection(port, '127.0.0.1'), 'connect');
    await expect.poll(count).toBe(1);
    expect(server().isolation).toBe(shutOff[engine]);
  });

  test('cannot be reached but over its socket and the port that was asked for', async () => {
    expect(server().admin.host).toMatch(/^\//);
    const [{ host, port }, again] = await Promise.all([server().openPort(), server().openPort()]);
    expect([host, again.port]).toEqual(['127.0.0.1', port]);
    const { rows } = await withClient({ ...server().admin, host, port }, (client) =>
      client.query<{ address: string | null }>('select inet_server_addr() as address'),
    );
    expect(rows).toEqual([{ address: null }]);
  });

  test('has a small disk that can be filled up, and still answers', async () => {
    const { smallDisk, admin } = server();
    const owner = await createTestDatabase(server());
    await withClient(admin, async (client) => {
      await client.query(`create tablespace small location ${pg.escapeLiteral(smallDisk ?? '')}`);
      await client.query('grant create on tablespace small to public');
    });
    await withClient(owner, async (client) => {
      const fill = "create table large tablespace small as select repeat('x', 1000) from generate_series(1, 40000)";
      await expect(client.query(fill)).rejects.toMatchObject({ code: '53100' });
      await client.query('create table tiny (id integer) tablespace small');
    });
  });
});

describeEngines('a server', (engine) => {
  test('that no container has to reach has no network, and no disk that nobody asked for', async () => {
    await using server = await startServer(engine, await makeServerDirectory());
    expect([server.containerNetwork, server.smallDisk]).toEqual([null, null]);
  });

  test('that crashes is gone at once, and leaves nothing when it is disposed of', async () => {
    const directory = await makeServerDirectory();
    const server = await startServer(engine, directory, { smallDisk: true });
    const { host, port } = await server.openPort();
    const working = withClient(server.admin, (client) => client.query('select pg_sleep(600)'));
    const lost = expect(working).rejects.toMatchObject({ code: 'SERVER_LOST' });
    await server.crash();
    await lost;
    await expect(ask(server.admin)).rejects.toMatchObject({ code: 'SERVER_LOST' });
    await expect(ask({ ...server.admin, host, port })).rejects.toMatchObject({ code: 'SERVER_LOST' });
    await server[Symbol.asyncDispose]();
    await expectNothingLeft(engine, { temporary: await readdir(directory), temporaryDirectory: directory });
  });
});

describeEngine('docker', 'a server in a container', () => {
  test('takes its tools along when it crashes, and that is what is said', async () => {
    await using server = await startServer('docker', await makeServerDirectory());
    const { admin } = server;
    const args = ['--command=\\! sleep 600'];
    const tools = Array.from({ length: 8 }, () => server.runTool({ tool: 'psql', args, ...admin, timeoutMs: 60_000 }));
    const lost = Promise.allSettled(tools);
    await withClient(admin, async (client) => {
      while ((await client.query(running)).rowCount !== tools.length) continue;
    });
    await server.crash();
    const reasons = (await lost).map((result) => (result.status === 'rejected' ? (result.reason as unknown) : result));
    expect(reasons).toEqual(tools.map(() => expect.objectContaining({ code: 'SERVER_LOST' }) as unknown));
    // Whoever comes later finds a container that does not run, or none.
    const later: ToolCall = { tool: 'psql', args: [], ...admin, timeoutMs: 60_000 };
    await expect(server.runTool(later)).rejects.toMatchObject({ code: 'SERVER_LOST' });
    await server[Symbol.asyncDispose]();
    await expect(server.runTool(later)).rejects.toMatchObject({ code: 'SERVER_LOST' });
  });
});

const running = `
  select pid
  from pg_catalog.pg_stat_activity
  where application_name = 'restore-rehearsal'
  and pid <> pg_catalog.pg_backend_pid()`;

describeEngine('local', 'a server of this machine', () => {
  test('has no interface but its loopback, which is down, and listens to nothing', async () => {
    await using server = await startServer('local', await makeServerDirectory());
    // The first lines are headings.
    const lines = await runInside(
      server,
      'tail -n +3 /proc/net/dev; tail -q -n +2 /proc/net/tcp /proc/net/tcp6 /proc/net/route',
    );
    expect(lines).toMatch(/^ *lo:[ 0]*$/);
  });

  test('runs without namespaces where there are none, and says so', async () => {
    const directory = await makeWorkspace();
    for (const program of ['id', 'ps', 'sh']) await symlink(`/bin/${program}`, join(directory, program));
    const engine = await probeLocal({ ...readEnvironment(), path: directory }, null);
    if (isUnavailable(engine)) throw new Error(engine.reason);
    await using server = await startServer('local', await makeServerDirectory(), { smallDisk: true }, engine);
    expect(server.isolation).toMatch(/^Unix socket only; what runs in it can reach the network, for/);
    expect(server.smallDisk).toBeNull();
    await ask(server.admin);
  });

  test('needs a temp directory whose path is not too long, and says what to do', async () => {
    const directory = join(await makeServerDirectory(), 'x'.repeat(60));
    await mkdir(directory);
    await expect(startServer('local', directory)).rejects.toMatchObject({
      code: 'SERVER_NOT_STARTED',
      message: expect.stringMatching(/has \d+ bytes, and the system takes at most \d+: .* Set TMPDIR/) as string,
    });
  });

  test.runIf(process.getuid?.() === 0)('and its client programs never run as root', async () => {
    await using server = await startServer('local', await makeServerDirectory());
    const call = { tool: 'psql' as const, ...server.admin, timeoutMs: 10_000 };
    const { stdout } = await server.runTool({ ...call, args: ['--no-psqlrc', '--command=\\! id -u'] });
    expect(stdout.trim()).toMatch(/^[1-9]\d*$/);
    expect(await runInside(server, 'id -u')).toBe(stdout.trim());
    const script = { flag: '--file', content: 'select 7' };
    const read = await server.runTool({ ...call, args: ['--no-psqlrc', '--tuples-only'], textFile: script });
    expect(read).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('7') as string });
  });
});

/** Runs a command of a shell in the server, as a superuser can, and gives its one line of output. */
async function runInside({ admin }: DisposableServer, command: string): Promise<string> {
  return withClient(admin, async (client) => {
    await client.query('create temporary table output (line text)');
    await client.query(`copy output from program ${pg.escapeLiteral(command)}`);
    const { rows } = await client.query<{ line: string }>('select line from output');
    return rows.map(({ line }) => line).join('\n');
  });
}

async function ask(connection: Connection): Promise<void> {
  await withClient(connection, (client) => client.query('select 1'));
}
