import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { makeClusters } from '../../../fixtures/testing/clusters.ts';
import { startCommand } from '../../../fixtures/testing/run-rehearse.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { noSmallDisk } from '../../../fixtures/testing/small-disk.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import type { Connection } from '../../postgres/connection.ts';

const reason = inject('skipped').local ?? noSmallDisk;

describe.skipIf(reason !== null)('a live server whose disk is small', () => {
  test('takes no harm from a restore that would fill it: it goes on writing while that is ended, and afterwards', async () => {
    const { live, restore, others, logOf } = await makeSmallServer();
    const dump = await dumpOfLarge();
    await using traffic = writeTo(live);
    const ended = await restore('--backup', dump);
    expect(ended).toMatchObject({ exitCode: 2, all: expect.stringContaining('the restore was ended') as string });
    expect(await others()).toEqual([]);

    const killed = restore('--backup', dump);
    await until(async () => (await others()).length > 0);
    await delay(300);
    process.kill(-(killed.pid ?? 0), 'SIGKILL');
    await killed;
    expect(await others()).toHaveLength(1);
    const again = await restore('--backup', dump);
    expect(again).toMatchObject({ exitCode: 2, all: expect.stringContaining('the restore was ended') as string });
    expect(again.all).toContain('whose restore was ended before it was done');
    expect(await others()).toEqual([]);

    expect(await traffic.stop()).toEqual({ failed: [] });
    await withClient(live, (client) =>
      client.query("insert into notes select repeat('x', 1000) from generate_series(1, 20000)"),
    );
    expect(await logOf()).not.toMatch(/PANIC|No space left/);
  });

  test('is not restored to where a backup would not fit: nothing is made, and it is said how much it takes', async () => {
    const { live, restore, others, backUp } = await makeSmallServer();
    await withClient(live, (client) => client.query(fill(40_000)));
    const dump = await backUp();
    // By accident, most of it is gone: the size of now says too little.
    await withClient(live, (client) => client.query('truncate filler'));
    await withClient(live, (client) => client.query(fill(25_000)));
    await using traffic = writeTo(live);
    const refused = await restore('--backup', dump);
    expect(refused).toMatchObject({
      exitCode: 2,
      all: expect.stringMatching(
        /takes about \d+\.\d MB of the server's disk .* are free, of which 67\.1 MB/,
      ) as string,
    });
    expect(await others()).toEqual([]);
    const limited = await restore('--backup', dump, '--disk', '30MB');
    expect(limited).toMatchObject({ exitCode: 2, all: expect.stringContaining('may take 30.0 MB') as string });
    expect(await others()).toEqual([]);
    await withClient(live, (client) => client.query('truncate filler'));
    expect(await restore('--backup', dump)).toMatchObject({ exitCode: 0 });
    expect(await others()).toHaveLength(1);
    expect(await traffic.stop()).toEqual({ failed: [] });
  });

  test('that cannot be seen from here takes a word of how much is free', async () => {
    const { live, admin, restore, others, backUp } = await makeSmallServer();
    await withClient(admin, (client) =>
      client.query('create role helper login createdb createrole; grant app to helper'),
    );
    await withClient(live, (client) => client.query(fill(100)));
    const dump = await backUp();
    const url = `postgres://helper@${admin.host}:${admin.port}/postgres`;
    const elsewhere = ['unshare', '--pid', '--fork', '--mount-proc'];
    const asked = await restore.within(elsewhere, '--backup', dump, '--url', url);
    expect(asked).toMatchObject({ exitCode: 2, all: expect.stringContaining('cannot be seen from here') as string });
    expect(await others()).toEqual([]);
    const [, size = ''] = /start again with --disk (\d+MB)/.exec(asked.all) ?? [];
    const told = await restore.within(elsewhere, '--backup', dump, '--url', url, '--disk', size);
    expect(told).toMatchObject({ exitCode: 0 });
    const [made = ''] = await others();
    await withClient(admin, (client) => client.query(`drop database ${pg.escapeIdentifier(made)}`));
    // A superuser is told the path of its directory.
    expect(await restore.within(elsewhere, '--backup', dump)).toMatchObject({ exitCode: 0 });
  });
});

const settings = { max_wal_size: '32MB', min_wal_size: '32MB', shared_buffers: '16MB', autovacuum: 'off' };

async function makeSmallServer() {
  const clusters = await makeClusters('270m');
  const admin = await clusters.start('primary', settings);
  const live = await createLive(admin);
  const workspace = await makeWorkspace({ 'profile.mjs': profile });
  const url = `postgres://${admin.user}@${admin.host}:${admin.port}/postgres`;
  const run = (within: string[], flags: string[]) =>
    startCommand(
      'restore',
      ['--config', join(workspace, 'profile.mjs'), ...(flags.includes('--url') ? [] : ['--url', url]), ...flags],
      { TMPDIR: workspace },
      within,
    );
  const restore = Object.assign((...flags: string[]) => run([], flags), {
    within: (within: string[], ...flags: string[]) => run(within, flags),
  });
  return {
    ...{ admin, live, restore },
    others: () =>
      withClient(admin, async (client) => {
        const { rows } = await client.query<{ datname: string }>(
          "select datname from pg_database where datname like 'salon_%'",
        );
        return rows.map(({ datname }) => datname);
      }),
    logOf: () => readFile(`${clusters.directoryOf('primary')}.log`, 'utf8'),
    backUp: async () => {
      const flags = ['--config', join(workspace, 'profile.mjs'), '--url', url.replace(/postgres$/, 'salon')];
      const { all } = await startCommand('backup', [...flags, '--dir', join(workspace, 'backups')]);
      const [dump] = /\S+\.dump/.exec(all) ?? [];
      if (dump === undefined) throw new Error(all);
      return dump;
    },
  };
}

const profile = `export default ${JSON.stringify({ name: 'salon', database: { name: 'salon', owner: 'app' } })};\n`;

async function createLive(admin: Connection): Promise<Connection> {
  await withClient(admin, (client) => client.query('create role app login'));
  await withClient(admin, (client) => client.query('create database salon owner app'));
  const live = { ...admin, user: 'app', database: 'salon' };
  await withClient(live, (client) =>
    client.query('create table notes (note text); create table filler (n int, text text)'),
  );
  return live;
}

/** Rows that take 2 kB each on the disk, and next to nothing in a dump. */
function fill(rows: number): string {
  return `insert into filler select n, repeat('x', 1900) from generate_series(1, ${rows}) as n`;
}

/** A dump that gives no hint of how large its database is. */
async function dumpOfLarge(): Promise<string> {
  const clusters = await makeClusters();
  const live = await createLive(await clusters.start('primary', { ...settings, max_wal_size: '1GB' }));
  await withClient(live, (client) => client.query(fill(100_000)));
  const dump = clusters.directoryOf('salon.dump');
  const to = [`--host=${live.host}`, `--port=${live.port}`, '--username=app', `--file=${dump}`];
  await clusters.run('pg_dump', '--format=custom', '--compress=1', ...to, 'salon');
  return dump;
}

/** Writes all the time, and notes what is refused. */
function writeTo(live: Connection) {
  const failed: string[] = [];
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      await withClient(live, (client) => client.query("insert into notes values (repeat('y', 500))")).catch(
        (error: unknown) => failed.push(String(error)),
      );
      await delay(10);
    }
  })();
  const stop = async () => {
    stopped.abort();
    await loop;
    return { failed };
  };
  return {
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come true within 20 s.');
    await delay(50);
  }
}
