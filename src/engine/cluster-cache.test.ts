import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, inject, onTestFinished, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeServerDirectory, startServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { encodeOwner, ownOwner } from '../system/owner.ts';
import { isUnavailable, type DisposableServer } from './engine.ts';
import { probeLocal } from './local.ts';

describeEngine('local', 'a cluster that is a copy', () => {
  test('is a server like the first, with a password of its own, and no word of what that one held', async () => {
    const cacheDirectory = await makeCache();
    const first = await start(cacheDirectory);
    await withClient(first.admin, (client) => client.query('create table secret as select 1; create role left_over'));
    const [key] = await entries(cacheDirectory);
    const second = await start(cacheDirectory);
    expect(await entries(cacheDirectory)).toEqual([key]);
    expect(await count(second, "select from pg_class where relname = 'secret'")).toBe(0);
    expect(await count(second, "select from pg_roles where rolname = 'left_over'")).toBe(0);
    await expect(count({ admin: { ...second.admin, password: first.admin.password } }, 'select')).rejects.toThrow(
      /password authentication failed/,
    );
    const kept = await readFile(join(cacheDirectory, 'clusters', key ?? '', 'password'), 'utf8');
    await expect(count({ admin: { ...second.admin, password: kept } }, 'select')).rejects.toThrow(
      /password authentication failed/,
    );
  });

  test('is made once, whoever begins at the same time', async () => {
    const cacheDirectory = await makeCache();
    const servers = await Promise.all([1, 2, 3].map(() => start(cacheDirectory)));
    for (const server of servers) expect(await count(server, 'select')).toBe(1);
    expect(await entries(cacheDirectory)).toHaveLength(1);
  });

  test.for([
    ['is cut off', (archive: string) => truncate(archive, 20_000_000)],
    ['lacks a file', (archive: string) => execa('tar', ['--delete', '-f', archive, './PG_VERSION'])],
    ['is none', (archive: string) => writeFile(archive, 'not an archive')],
    ['is not there', (archive: string) => rm(archive)],
  ] as const)('is replaced where the one that is kept %s', async ([, damage]) => {
    const cacheDirectory = await makeCache();
    await start(cacheDirectory);
    const [key = ''] = await entries(cacheDirectory);
    const archive = join(cacheDirectory, 'clusters', key, 'data.tar');
    const { size } = await stat(archive);
    await damage(archive);
    expect(await count(await start(cacheDirectory), 'select')).toBe(1);
    expect(await count(await start(cacheDirectory), 'select')).toBe(1);
    expect((await stat(archive)).size).toBe(size);
  });

  test('is not taken from a directory that others may write to', async () => {
    const cacheDirectory = await makeCache();
    const clusters = join(cacheDirectory, 'clusters');
    await mkdir(clusters, { recursive: true });
    await chmod(clusters, 0o777);
    expect(await count(await start(cacheDirectory), 'select')).toBe(1);
    expect(await entries(cacheDirectory)).toEqual([]);
  });

  test('is not needed: without a place for it, initdb makes each', async () => {
    const cacheDirectory = await makeCache();
    await writeFile(cacheDirectory, '');
    expect(await count(await start(cacheDirectory), 'select')).toBe(1);
  });

  test('removes what a run that was killed has left of one', async () => {
    const cacheDirectory = await makeCache();
    await start(cacheDirectory);
    const [key = ''] = await entries(cacheDirectory);
    const owner = encodeOwner({ ...(await ownOwner(readEnvironment().path)), startedAt: 1 }, 'full');
    await mkdir(join(cacheDirectory, 'clusters', `.${key}-${owner}-0123abcd`, 'data'), { recursive: true });
    await start(cacheDirectory);
    expect(await entries(cacheDirectory)).toEqual([key]);
  });

  test('is one of four at most', async () => {
    const cacheDirectory = await makeCache();
    for (const user of ['a', 'b', 'c', 'd', 'e']) {
      await start(cacheDirectory, { admin: { user, password: 'x' } });
    }
    expect(await entries(cacheDirectory)).toHaveLength(4);
  });
});

async function makeCache(): Promise<string> {
  return join(await makeWorkspace(), 'cache');
}

async function entries(cacheDirectory: string): Promise<string[]> {
  return readdir(join(cacheDirectory, 'clusters'));
}

async function start(cacheDirectory: string, options: object = {}): Promise<DisposableServer> {
  const engine = await probeLocal({ ...readEnvironment(), cacheDirectory }, null);
  if (isUnavailable(engine)) throw new Error(inject('skipped').local ?? engine.reason);
  const server = await startServer('local', await makeServerDirectory(), options, engine);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function count({ admin }: Pick<DisposableServer, 'admin'>, sql: string): Promise<number | null> {
  return withClient(admin, async (client) => (await client.query(sql)).rowCount);
}
