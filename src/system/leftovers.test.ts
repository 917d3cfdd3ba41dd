import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { startHarness } from '../../fixtures/testing/harnesses.ts';
import { findContainers, findProcesses } from '../../fixtures/testing/leftovers.ts';
import { endProcess, isRunning } from '../../fixtures/testing/processes.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { endProcessesOf } from './marked.ts';
import { encodeOwner, ownOwner, type Owner } from './owner.ts';
import { findDocker, rehearsalLabels, removeLabelled } from '../engine/docker-client.ts';
import { findDockerLeftovers, removeDockerLeftovers } from '../engine/docker-leftovers.ts';
import { hostLabel } from '../engine/docker-origin.ts';
import { findLeftovers, removeLeftovers } from './leftovers.ts';
import { makePrivateDirectory, parsePrivateName } from './private-directory.ts';

const { path } = readEnvironment();

async function makeTemporaryDirectory(): Promise<Environment> {
  return { ...readEnvironment(), temporaryDirectory: await makeWorkspace() };
}

async function nameOf(changes: Partial<Owner>, kept = false): Promise<string> {
  const owner = { ...(await ownOwner(path)), ...changes };
  return `restore-rehearsal-${kept ? 'k' : 'r'}${encodeOwner(owner, 'full')}-AbCd12`;
}

describe('the name of a private directory', () => {
  test('says whose it is, and has room for a Unix socket below it', async () => {
    const { temporaryDirectory } = await makeTemporaryDirectory();
    const directory = await makePrivateDirectory(temporaryDirectory, false, path);
    expect(basename(directory).length).toBeLessThanOrEqual(process.platform === 'linux' ? 42 : 36);
    expect(parsePrivateName(directory)).toMatchObject({ owner: { pid: process.pid }, kept: false });
    expect(parsePrivateName(directory.toLowerCase())).toEqual(parsePrivateName(directory));
  });

  test.for(['restore-rehearsal-AbCd12', 'restore-rehearsal-test-AbCd12', 'restore-rehearsal-', 'other'])(
    '%s is not ours',
    (name) => {
      expect(parsePrivateName(name)).toBeNull();
    },
  );
});

describe('directories', () => {
  test('of the dead are removed, and links in them are not followed', async () => {
    const environment = await makeTemporaryDirectory();
    const elsewhere = await makeWorkspace({ 'precious/file': 'x' });
    const dead = join(environment.temporaryDirectory, await nameOf({ startedAt: 1 }));
    await mkdir(join(dead, 'pg'), { recursive: true });
    await symlink(join(elsewhere, 'precious'), join(dead, 'pg', 'link'));
    expect(await findLeftovers(environment)).toEqual({ leftovers: [{ directory: dead, processes: 0 }], kept: [] });
    expect(await removeLeftovers(environment)).toEqual({ removed: [dead], failed: [] });
    expect(await readdir(environment.temporaryDirectory)).toEqual([]);
    expect(await readFile(join(elsewhere, 'precious', 'file'), 'utf8')).toBe('x');
    expect(await removeLeftovers(environment)).toEqual({ removed: [], failed: [] });
  });

  test('of the living, of other places, kept ones, links and those of older versions stay', async () => {
    const environment = await makeTemporaryDirectory();
    const { temporaryDirectory } = environment;
    const elsewhere = await makeWorkspace({ file: 'x' });
    const names = [
      await nameOf({}),
      await nameOf({ startedAt: 1, place: '0000' }),
      await nameOf({ startedAt: 2 }, true),
      'restore-rehearsal-AbCd12',
      'another program',
    ];
    for (const name of names) await mkdir(join(temporaryDirectory, name));
    const link = await nameOf({ startedAt: 3 });
    await symlink(elsewhere, join(temporaryDirectory, link));
    await writeFile(join(temporaryDirectory, await nameOf({ startedAt: 4 })), 'a file');
    expect(await removeLeftovers(environment)).toEqual({ removed: [], failed: [] });
    expect(await readdir(temporaryDirectory)).toHaveLength(7);
    expect(await readdir(elsewhere)).toEqual(['file']);
  });

  test.skipIf(process.getuid?.() !== 0)('of other accounts stay', async () => {
    const environment = await makeTemporaryDirectory();
    const directory = join(environment.temporaryDirectory, await nameOf({ startedAt: 1 }));
    await mkdir(directory, { mode: 0o700 });
    await chown(directory, 65_534, 65_534);
    expect(await removeLeftovers(environment)).toEqual({ removed: [], failed: [] });
    expect(existsSync(directory)).toBe(true);
  });

  test('are removed by two sweeps at once without a complaint', async () => {
    const environment = await makeTemporaryDirectory();
    for (let startedAt = 1; startedAt <= 20; startedAt++) {
      const directory = join(environment.temporaryDirectory, await nameOf({ startedAt }), 'a', 'b');
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'file'), 'x');
    }
    const sweeps = await Promise.all([removeLeftovers(environment), removeLeftovers(environment)]);
    expect(sweeps.flatMap(({ failed }) => failed)).toEqual([]);
    expect(await readdir(environment.temporaryDirectory)).toEqual([]);
  });

  test('that cannot be searched are reported, not thrown', async () => {
    const environment = { ...readEnvironment(), temporaryDirectory: '/no/such/directory' };
    expect(await removeLeftovers(environment)).toEqual({ removed: [], failed: [] });
  });
});

test('a process whose directory is gone is found', async () => {
  const environment = await makeTemporaryDirectory();
  const directory = join(environment.temporaryDirectory, await nameOf({ startedAt: 1 }));
  const child = execa('sleep', ['600'], { env: { HOME: directory }, reject: false });
  onTestFinished(() => {
    endProcess(child.pid ?? 0);
  });
  await expect.poll(() => findLeftovers(environment)).toEqual({ leftovers: [{ directory, processes: 1 }], kept: [] });
  await removeLeftovers(environment);
  expect((await child).signal).toBe('SIGTERM');
});

describeEngine('local', 'a killed harness', () => {
  test('leaves a server, a busy backend and a program; exactly they are removed', async () => {
    const environment = await makeTemporaryDirectory();
    const { temporaryDirectory } = environment;
    const [dead, alive, kept] = await Promise.all([
      startHarness('local', temporaryDirectory),
      startHarness('local', temporaryDirectory),
      startHarness('local', temporaryDirectory, { keep: true }),
    ]);
    onTestFinished(async () => {
      await Promise.all([dead, alive, kept].map(({ kill }) => kill()));
      await Promise.all([dead, alive, kept].map(({ directory }) => endProcessesOf(directory, path)));
    });
    await Promise.all([dead.kill(), kept.kill()]);
    const visitor = execa('sleep', ['600'], { cwd: dead.directory, reject: false });
    onTestFinished(() => {
      endProcess(visitor.pid ?? 0);
    });
    // Server, its five or more processes, the busy backend, the program.
    const found = await findLeftovers(environment);
    expect(found.leftovers.map(({ directory }) => directory)).toEqual([dead.directory]);
    expect(found.leftovers[0]?.processes).toBeGreaterThanOrEqual(6);
    expect(found.kept).toEqual([
      {
        name: kept.directory,
        description: expect.stringMatching(/^local server, process \d+$/) as string,
        endCommand: expect.stringMatching(/^kill -INT \d+ && sleep 1 && rm -r /) as string,
      },
    ]);
    const before = await Promise.all([findProcesses(alive.directory), findProcesses(kept.directory)]);

    const { removed, failed } = await removeLeftovers(environment);
    expect(failed).toEqual([]);
    expect(removed).toEqual([expect.stringMatching(new RegExp(`^${dead.directory} with \\d+ processes$`)) as string]);
    expect(existsSync(dead.directory)).toBe(false);
    expect(await isRunning(dead.programPid)).toBe(false);
    expect(await findProcesses(dead.directory)).toEqual([`${visitor.pid ?? 0} sleep 600 `]);
    expect(await Promise.all([findProcesses(alive.directory), findProcesses(kept.directory)])).toEqual(before);

    // What the doctor says of the kept server ends it.
    await execa('sh', ['-c', found.kept[0]?.endCommand ?? 'false']);
    expect(existsSync(kept.directory)).toBe(false);
    await alive.kill();
    expect((await removeLeftovers(environment)).failed).toEqual([]);
    expect(await findProcesses(alive.directory)).toEqual([]);
  });
});

describeEngine('docker', 'a killed harness', () => {
  test('leaves a container and a network; exactly they are removed', async () => {
    const environment = await makeTemporaryDirectory();
    const { temporaryDirectory } = environment;
    const [dead, alive, kept] = await Promise.all([
      startHarness('docker', temporaryDirectory),
      startHarness('docker', temporaryDirectory),
      startHarness('docker', temporaryDirectory, { keep: true }),
    ]);
    const client = await findDocker(new AbortController().signal);
    if ('remedy' in client) throw new Error(client.reason);
    onTestFinished(async () => {
      await Promise.all([dead, alive, kept].map(({ kill }) => kill()));
      for (const { id } of [dead, alive, kept]) await removeLabelled(client, id);
    });
    await Promise.all([dead.kill(), kept.kill()]);
    const { dockerode } = client.container;
    const others = await Promise.all(
      [
        // Another machine; one of ours that was cloned has the same name, but shares no socket; an older version.
        { ...rehearsalLabels(dead), [hostLabel]: 'elsewhere 0b00' },
        { ...rehearsalLabels(dead), 'restore-rehearsal.uid': '4711' },
        { 'restore-rehearsal.id': dead.id, 'restore-rehearsal.directory': dead.directory },
        { ...rehearsalLabels({ ...dead, id: 'restore-rehearsal-abcd12' }) },
      ].map((Labels, index) => dockerode.createNetwork({ Name: `${dead.id}-${index}`, Labels })),
    );
    onTestFinished(async () => {
      await Promise.all(others.map((network) => network.remove()));
    });
    // The machine was started again since.
    const name = `${dead.id}-boot`;
    const [host] = (rehearsalLabels(alive)[hostLabel] ?? '').split(/ (?=\S+$)/);
    const Labels = { ...rehearsalLabels(alive), [hostLabel]: `${host ?? ''} 0b00` };
    await dockerode.createNetwork({ Name: name, Labels });

    const found = await findDockerLeftovers(client, environment);
    const ofOurs = found.leftovers.filter((one) => [dead.directory, alive.directory].includes(one.directory));
    const expected = [`container ${dead.id}-postgres`, `network ${dead.id}`, `network ${name}`];
    // A rehearsal of another test, on the same daemon, may be faster: then there is less to find.
    expect(expected).toEqual(expect.arrayContaining(ofOurs.map((one) => `${one.kind} ${one.name}`)));
    const keptServer = found.kept.find((server) => server.name === kept.directory);
    expect(keptServer?.description).toBe(`container ${kept.id}-postgres, network ${kept.id}`);

    const sweeps = await Promise.all([1, 2].map(() => removeDockerLeftovers(client, environment)));
    expect(sweeps.flatMap(({ failed }) => failed)).toEqual([]);
    expect((await findContainers(dead.directory)).toSorted()).toEqual([0, 1, 2, 3].map((n) => `${dead.id}-${n}`));
    expect((await findContainers(alive.directory)).toSorted()).toEqual([`/${alive.id}-postgres`, alive.id]);
    expect((await findContainers(kept.directory)).toSorted()).toEqual([`/${kept.id}-postgres`, kept.id]);

    await execa('sh', ['-c', keptServer?.endCommand ?? 'false']);
    expect(await findContainers(kept.directory)).toEqual([]);
  });
});
