import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  authenticate,
  composeLabels,
  serverVersion,
  useComposeServices,
} from '../fixtures/testing/compose-services.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { listLeft, makePlace, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { examineFiles } from '../src/backup/examine.ts';
import { listBackups } from '../src/backup/inventory.ts';
import { readEnvironment } from '../src/system/environment.ts';
import { findClientPrograms } from '../src/engine/local-programs.ts';
import { connect, withClient } from '../fixtures/testing/sessions.ts';
import { disconnect } from '../src/postgres/connection.ts';

describeEngine('docker', 'npm run backup inside a Compose service', () => {
  const { services, server } = useComposeServices('create table notes as select i from generate_series(1, 1000) as i');
  const { service, project, password: canary, tag } = services;

  test('dumps with the container’s own pg_dump, and shows no password', async () => {
    await authenticate(server().outside, 'scram');
    const place = await makeUsed({ composeService: service, composeProject: project });
    const { all, exitCode } = await backUp(place, [], { PGPASSWORD: canary });
    expect(exitCode, all).toBe(0);
    expect(all).toContain(`shop@shop in the container ${service}-${project}, PostgreSQL `);
    await expectBackups(place, 1);
    expect(all).not.toContain(canary);
  });

  test('says where it looks for a password that the container asks for', async () => {
    await authenticate(server().outside, 'scram');
    const place = await makeUsed({});
    const { all, exitCode } = await backUp(place, ['--compose-service', service], { PGPASSWORD: undefined });
    expect(all).toMatch(/asks for a password for the login shop@shop in the container .*Give it in PGPASSWORD\./);
    expect(exitCode).toBe(2);
    await expectBackups(place, 0);
  });

  test.for([
    ['itself', 'trust'],
    ['its socket alone, as the runbook’s command finds it', 'socket'],
    ['its own address alone', 'address'],
  ] as const)('needs no password where the container trusts %s', async ([, how]) => {
    await authenticate(server().outside, how);
    const place = await makeUsed({});
    const { all, exitCode } = await backUp(place, ['--compose-service', service], { PGPASSWORD: undefined });
    expect(exitCode, all).toBe(0);
    await expectBackups(place, 1);
  });

  test('asks which of two projects is meant', async () => {
    await authenticate(server().outside, 'trust');
    const idle = ['sleep', '600'];
    await services.start(`${project}-run`, idle, {
      Entrypoint: [],
      Labels: composeLabels(project, service, { isOneOff: true }),
    });
    const other = await services.start(`other-${tag}`, idle, { Entrypoint: [] });
    onTestFinished(() => services.remove(other));
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
    await authenticate(server().outside, 'trust');
    const place = await makeUsed({ format: 'directory' });
    const { all, exitCode } = await backUp(place, ['--compose-service', service]);
    expect(all).toContain('backups.format "directory" needs a URL');
    expect(exitCode).toBe(2);
    await expectBackups(place, 0);
  });

  test('is offered to whoever has an older pg_dump', async ({ skip }) => {
    const { postgresBinDirectory, path } = readEnvironment();
    const found = await findClientPrograms(postgresBinDirectory, path);
    const { major } = await serverVersion(server().outside);
    if (found.some((programs) => programs.major >= major)) skip(`this machine has a pg_dump of ${major} or newer`);
    const place = await makeUsed({});
    const url = `postgres://shop@127.0.0.1:${server().outside.port}/shop`;
    const { all, exitCode } = await backUp(place, ['--url', url], { PGPASSWORD: canary });
    expect(all).toMatch(/pg_dump cannot read a newer server\. Install postgresql-client-\d+, or use --compose-service/);
    expect(exitCode).toBe(2);
    await expectBackups(place, 0);
  });

  test.for(['SIGINT', 'SIGKILL'] as const)('leaves no pg_dump in the container after a %s', async (signal) => {
    await authenticate(server().outside, 'trust');
    const { startedAt } = await serverVersion(server().outside);
    const place = await makeUsed({});
    await whileLocked(async (waiting) => {
      const child = backUp(place, ['--compose-service', service]);
      await expect.poll(waiting, { timeout: 60_000 }).toBe(3);
      process.kill(child.pid ?? 0, signal);
      const { exitCode } = await child;
      if (signal === 'SIGINT') expect(exitCode).toBe(2);
      await expect
        .poll(() => services.programs(server().id), { timeout: 20_000 })
        .not.toMatch(/"(?:pg_dump|bash|perl|cat)\b/);
    });
    // A server takes a program that is left to it and killed for a crash of its own.
    expect((await serverVersion(server().outside)).startedAt).toBe(startedAt);
    if (signal === 'SIGINT') await expectBackups(place, 0);
    else expect(await listBackups(place.directory, 'shop')).toEqual([]);
  });

  test('says that the container stopped', async () => {
    await authenticate(server().outside, 'trust');
    const place = await makeUsed({});
    const locked = whileLocked(async (waiting) => {
      const child = backUp(place, ['--compose-service', service]);
      await expect.poll(waiting, { timeout: 60_000 }).toBe(3);
      await (await services.docker()).getContainer(server().id).kill();
      const { all, exitCode } = await child;
      // By whoever notices first: pg_dump, or who reads beside it.
      expect(all).toMatch(/[Ss]ee whether (?:the server|it still) runs, and start again\.$/);
      expect(exitCode).toBe(2);
    });
    await locked;
    await expectBackups(place, 0);
  });

  /** Runs `act` while pg_dump and whoever reads beside it have to wait, with a function that counts them. */
  async function whileLocked(act: (waiting: () => Promise<number | null>) => Promise<void>): Promise<void> {
    const client = await connect(server().outside);
    try {
      await client.query('begin; lock table notes in access exclusive mode');
      await act(() => withClient(server().outside, async (asking) => (await asking.query(waitingSessions)).rowCount));
    } finally {
      await disconnect(client);
    }
  }
});

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
