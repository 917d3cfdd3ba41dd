import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getContainerRuntimeClient } from 'testcontainers';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { listLeft, makePlace, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { examineFiles } from '../src/backup/examine.ts';
import { listBackups } from '../src/backup/inventory.ts';
import { readEnvironment } from '../src/system/environment.ts';
import { findClientPrograms } from '../src/engine/local-programs.ts';
import { waitForServer } from '../src/engine/wait-for-server.ts';
import { connect, withClient } from '../fixtures/testing/sessions.ts';
import { disconnect, type Connection } from '../src/postgres/connection.ts';

const tag = randomBytes(4).toString('hex');
const service = `db-${tag}`;
const project = `shop-${tag}`;
const canary = `canary-${tag}`;

/** Authentication as the official image has it, and one that takes a password from everybody but its own socket. */
const authentications = {
  trust: 'local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all all scram-sha-256\n',
  scram: 'local all all trust\nhost all all all scram-sha-256\n',
};

describeEngine('docker', 'npm run backup inside a Compose service', () => {
  const containers: string[] = [];
  /** The server as this machine reaches it, which its user's machine need not. */
  let outside: Connection;

  beforeAll(async () => {
    const { container } = await getContainerRuntimeClient();
    const id = await startContainer(project, ['postgres', '-c', 'fsync=off'], {
      Env: ['POSTGRES_USER=shop', 'POSTGRES_DB=shop', `POSTGRES_PASSWORD=${canary}`],
      HostConfig: { PortBindings: { '5432/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
    });
    const { NetworkSettings } = await container.dockerode.getContainer(id).inspect();
    const port = Number(NetworkSettings.Ports['5432/tcp']?.[0]?.HostPort);
    outside = { host: '127.0.0.1', port, user: 'shop', password: canary, database: 'shop' };
    await waitForServer(outside, '*', () => undefined, 60_000, new AbortController().signal);
    await withClient(outside, (client) =>
      client.query('create table notes as select i from generate_series(1, 1000) as i'),
    );
  });

  afterAll(async () => {
    const { container } = await getContainerRuntimeClient();
    for (const id of containers) await container.dockerode.getContainer(id).remove({ force: true, v: true });
  });

  test('dumps with the container’s own pg_dump, and shows no password', async () => {
    await authenticate('scram');
    const place = await makeUsed({ composeService: service, composeProject: project });
    const { all, exitCode } = await backUp(place, [], { PGPASSWORD: canary });
    expect(exitCode, all).toBe(0);
    expect(all).toContain(`shop@shop in the container ${service}-${project}, PostgreSQL `);
    await expectBackups(place, 1);
    expect(all).not.toContain(canary);
  });

  test('says where it looks for a password that the container asks for', async () => {
    await authenticate('scram');
    const place = await makeUsed({});
    const { all, exitCode } = await backUp(place, ['--compose-service', service], { PGPASSWORD: undefined });
    expect(all).toMatch(/asks for a password for the login shop@shop in the container .*Give it in PGPASSWORD\./);
    expect(exitCode).toBe(2);
    await expectBackups(place, 0);
  });

  test('needs no password where the container trusts itself, as the runbook does', async () => {
    await authenticate('trust');
    const place = await makeUsed({});
    const { all, exitCode } = await backUp(place, ['--compose-service', service], { PGPASSWORD: undefined });
    expect(exitCode, all).toBe(0);
    await expectBackups(place, 1);
  });

  test('asks which of two projects is meant', async () => {
    await authenticate('trust');
    const idle = ['sleep', '600'];
    await startContainer(`${project}-run`, idle, {
      Entrypoint: [],
      Labels: { ...labelsOf(project), [oneOff]: 'True' },
    });
    const other = await startContainer(`other-${tag}`, idle, { Entrypoint: [] });
    onTestFinished(async () => {
      const { container } = await getContainerRuntimeClient();
      await container.dockerode.getContainer(other).remove({ force: true });
      containers.splice(containers.indexOf(other), 1);
    });
    const place = await makeUsed({});
    const args = ['--compose-service', service];
    const { all, exitCode } = await backUp(place, args);
    expect(all).toContain(`2 containers run the Compose service ${service}: `);
    expect(all).toContain('Name the project with --compose-project.');
    expect(exitCode).toBe(2);
    const chosen = await backUp(place, [...args, '--compose-project', project]);
    expect(chosen.exitCode, chosen.all).toBe(0);
    await expectBackups(place, 1);
  });

  test('says which services there are', async () => {
    const place = await makeUsed({});
    const { all, exitCode } = await backUp(place, ['--compose-service', `${service}x`]);
    expect(all).toMatch(
      new RegExp(`No container of the Compose service ${service}x is running.*${project}/${service}`),
    );
    expect(exitCode).toBe(2);
    await expectBackups(place, 0);
  });

  test('refuses the format that pg_dump writes itself', async () => {
    await authenticate('trust');
    const place = await makeUsed({ format: 'directory' });
    const { all, exitCode } = await backUp(place, ['--compose-service', service]);
    expect(all).toContain('backups.format "directory" needs a URL');
    expect(exitCode).toBe(2);
    await expectBackups(place, 0);
  });

  test('is offered to whoever has an older pg_dump', async ({ skip }) => {
    const { postgresBinDirectory, path } = readEnvironment();
    const found = await findClientPrograms(postgresBinDirectory, path);
    const { major } = await serverVersion();
    if (found.some((programs) => programs.major >= major)) skip(`this machine has a pg_dump of ${major} or newer`);
    const place = await makeUsed({});
    const url = `postgres://shop@127.0.0.1:${outside.port}/shop`;
    const { all, exitCode } = await backUp(place, ['--url', url], { PGPASSWORD: canary });
    expect(all).toMatch(/pg_dump cannot read a newer server\. Install postgresql-client-\d+, or use --compose-service/);
    expect(exitCode).toBe(2);
    await expectBackups(place, 0);
  });

  test.for(['SIGINT', 'SIGKILL'] as const)('leaves no pg_dump in the container after a %s', async (signal) => {
    await authenticate('trust');
    const { startedAt } = await serverVersion();
    const place = await makeUsed({});
    await whileLocked(async (waiting) => {
      const child = backUp(place, ['--compose-service', service]);
      await expect.poll(waiting, { timeout: 60_000 }).toBe(3);
      process.kill(child.pid ?? 0, signal);
      const { exitCode } = await child;
      if (signal === 'SIGINT') expect(exitCode).toBe(2);
      await expect.poll(programs, { timeout: 20_000 }).not.toMatch(/"(?:pg_dump|bash|cat)\b/);
    });
    // A server takes a program that is left to it and killed for a crash of its own.
    expect((await serverVersion()).startedAt).toBe(startedAt);
    if (signal === 'SIGINT') await expectBackups(place, 0);
    else expect(await listBackups(place.directory, 'shop')).toEqual([]);
  });

  test('says that the container stopped', async () => {
    await authenticate('trust');
    const place = await makeUsed({});
    const locked = whileLocked(async (waiting) => {
      const child = backUp(place, ['--compose-service', service]);
      await expect.poll(waiting, { timeout: 60_000 }).toBe(3);
      const { container } = await getContainerRuntimeClient();
      await container.dockerode.getContainer(containers[0] ?? '').kill();
      const { all, exitCode } = await child;
      expect(all).toMatch(/Nothing was left of the backup\. See whether the server runs, and start again\./);
      expect(exitCode).toBe(2);
    });
    await locked;
    await expectBackups(place, 0);
  });

  async function startContainer(ofProject: string, command: string[], options: object): Promise<string> {
    const { container } = await getContainerRuntimeClient();
    const created = await container.dockerode.createContainer({
      name: `${service}-${ofProject}`,
      Image: inject('image'),
      Cmd: command,
      Labels: labelsOf(ofProject),
      ...options,
    });
    containers.push(created.id);
    await created.start();
    return created.id;
  }

  async function authenticate(how: keyof typeof authentications): Promise<void> {
    await withClient(outside, async (client) => {
      const { rows } = await client.query<{ file: string }>("select current_setting('hba_file') as file");
      await client.query('create temporary table lines (line text)');
      await client.query("insert into lines select regexp_split_to_table(trim($1, E'\\n'), E'\\n')", [
        authentications[how],
      ]);
      await client.query(`copy lines to '${rows[0]?.file ?? ''}'`);
      await client.query('select pg_reload_conf()');
    });
  }

  /** Runs `act` while pg_dump and whoever reads beside it have to wait, with a function that counts them. */
  async function whileLocked(act: (waiting: () => Promise<number | null>) => Promise<void>): Promise<void> {
    const client = await connect(outside);
    try {
      await client.query('begin; lock table notes in access exclusive mode');
      await act(() => withClient(outside, async (asking) => (await asking.query(waitingSessions)).rowCount));
    } finally {
      await disconnect(client);
    }
  }

  /** What runs in the container, the server's own processes included. */
  async function programs(): Promise<string> {
    const { container } = await getContainerRuntimeClient();
    const top: unknown = await container.dockerode.getContainer(containers[0] ?? '').top();
    return JSON.stringify(top);
  }

  async function serverVersion(): Promise<{ major: number; startedAt: string }> {
    return withClient(outside, async (client) => {
      const { rows } = await client.query<{ major: number; startedAt: string }>(version);
      return rows[0] ?? { major: 0, startedAt: '' };
    });
  }
});

const oneOff = 'com.docker.compose.oneoff';

function labelsOf(ofProject: string): Record<string, string> {
  return { 'com.docker.compose.project': ofProject, 'com.docker.compose.service': service };
}

/** `backend_start` of the checkpointer: after a crash, the server restarts it. */
const version = `
  select current_setting('server_version_num')::int / 10000 as major, min(backend_start)::text as "startedAt"
  from pg_stat_activity
  where backend_type = 'checkpointer'`;

const waitingSessions = "select pid from pg_stat_activity where datname = 'shop' and wait_event_type = 'Lock'";

interface Used {
  config: string;
  directory: string;
  temporaryDirectory: string;
}

/** A profile with these backups, and the directory where they go. */
async function makeUsed(backups: object): Promise<Used> {
  const config = await makeProfile({
    database: { name: 'shop', owner: 'shop' },
    backups: { directory: 'backups', ...backups },
  });
  const { temporaryDirectory } = await makePlace();
  return { config, directory: join(dirname(config), 'backups'), temporaryDirectory };
}

function backUp({ config, temporaryDirectory }: Used, args: string[], env: Record<string, string | undefined> = {}) {
  return startCommand('backup', ['--config', config, ...args], { TMPDIR: temporaryDirectory, ...env });
}

async function expectBackups({ directory, temporaryDirectory }: Used, count: number): Promise<void> {
  const stored = await listBackups(directory, 'shop');
  expect(stored).toHaveLength(count);
  for (const { files } of stored) expect((await examineFiles(files, await makeWorkspace())).findings).toEqual([]);
  expect((await readdir(directory).catch(() => [])).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(await listLeft(temporaryDirectory)).toEqual([]);
}
