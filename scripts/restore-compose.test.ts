import { execa } from 'execa';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { authenticate, serverVersion, useComposeServices } from '../fixtures/testing/compose-services.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { onPage, readPageCommands } from '../fixtures/testing/incident-page.ts';
import { writeProfile } from '../fixtures/testing/incidents.ts';
import { listLeft, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { someDumpFormats } from '../fixtures/testing/dump-formats.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { backupSet } from '../src/backup/backup-set.ts';
import { hashDump } from '../src/backup/checksum.ts';
import { listBackups } from '../src/backup/inventory.ts';
import type { Manifest } from '../src/backup/manifest.ts';

const rows = 100;
const rowsLeft = 3;

/** An index whose function takes its time as long as there is a certain role: what hangs on it can be interrupted. */
const slowIndex = `
  create function slow(n integer) returns integer immutable language plpgsql as $$
    begin
      if exists (select from pg_catalog.pg_roles where rolname = 'slow') then perform pg_catalog.pg_sleep(60); end if;
      return n;
    end $$;
  create index notes_slow on notes (slow(id)) where id = 1`;

describeEngine('docker', 'npm run restore into a Compose service', () => {
  const { services, server } = useComposeServices(`
    create table notes (id serial primary key, note text);
    insert into notes (note) select md5(i::text) from generate_series(1, ${rows}) as i;
    select pg_catalog.lo_from_bytea(0, 'large');
    ${slowIndex}`);
  const { service, project, password: canary } = services;
  let workspace = '';
  let dump = '';
  let config = '';

  beforeAll(async () => {
    await authenticate(server().outside, 'trust');
    workspace = await mkdtemp(join(tmpdir(), 'restore-compose-'));
    config = join(workspace, 'profile.mjs');
    await writeFile(config, writeProfile(server().outside));
    const args = ['--config', config, '--compose-service', service, '--dir', join(workspace, 'backups')];
    const { all, exitCode } = await startCommand('backup', args, { TMPDIR: workspace });
    expect(exitCode, all).toBe(0);
    for (const flag of ['-Fc', '-Fd', '-Ft', '-Fp']) {
      const asRoot = ['exec', server().id, 'pg_dump', '-U', 'shop', '-d', 'shop'];
      await execa('docker', [...asRoot, flag, '-f', `/var/tmp/${flag}`]);
    }
    dump = (await listBackups(join(workspace, 'backups'), 'shop'))[0]?.files.dump ?? '';
    await sql('delete from notes where id > $1', [rowsLeft]);
  });
  afterAll(() => rm(workspace, { recursive: true, force: true }));

  test('goes through a whole incident, and leaves nothing in the container', async () => {
    const place = await makeWorkspace();
    const line = (await readPageCommands()).find((each) => each.includes(onPage.service)) ?? '';
    const typed = line.replace(onPage.service, `--compose-service ${service}`).replace(onPage.dump, dump);
    const [, ofPage = ''] = typed.split(' -- ');
    const beside = await restore(place, ofPage.split(' '));
    expect(beside.all).toContain(`beside shop, shop@postgres in the container ${service}-${project}, PostgreSQL `);
    expect(beside.all).toMatch(/notes +3 +100 +0 +97 +0$/m);
    expect(beside.exitCode, beside.all).toBe(0);
    const [, next = ''] = /let it take its place +npm run restore -- (.*)$/m.exec(beside.all) ?? [];
    expect(next).toContain(`--compose-service ${service}`);
    expect(next).not.toContain('--url');

    const switched = await restore(place, ['--backup', dump, '--switch']);
    expect(switched.all).toContain('is the restored database now');
    expect(switched.exitCode, switched.all).toBe(0);
    expect(await countNotes()).toBe(rows);
    const diff = await restore(place, ['--diff', 'notes']);
    expect(diff).toMatchObject({ exitCode: 0, all: expect.stringMatching(/only in shop: 97$/m) as string });
    expect(await restore(place, ['--rollback'])).toMatchObject({ exitCode: 0 });
    expect(await countNotes()).toBe(rowsLeft);

    const part = await restore(place, ['--backup', dump, '--table', 'notes']);
    expect(part.all).toContain(`which docker exec -it ${service}-${project} psql -U shop -d postgres starts:`);
    expect(part.exitCode, part.all).toBe(0);
    for (const { all } of [beside, switched, diff, part]) expect(all).not.toContain(canary);
    expect(await listLeft(place)).toEqual([]);
    await expectNothingInside();
  });

  describe('takes every format', () => {
    test.for(someDumpFormats)('%s', async ([, flags, packer]) => {
      const place = await makeWorkspace();
      const file = await dumpAs(flags, packer);
      const { all, exitCode } = await restore(place, ['--backup', file]);
      expect(all).toContain('it is equal to the manifest');
      expect(exitCode, all).toBe(0);
      await expectNothingInside();
    });
  });

  test('asks for the password where the container does, and shows none', async () => {
    await authenticate(server().outside, 'scram');
    onTestFinished(() => authenticate(server().outside, 'trust'));
    const place = await makeWorkspace();
    const without = await restore(place, ['--rollback'], { PGPASSWORD: undefined });
    expect(without.all).toMatch(/asks for a password for the login shop@postgres in the container .* PGPASSWORD\./);
    expect(without.exitCode).toBe(2);
    const wrong = await restore(place, ['--rollback'], { PGPASSWORD: `wrong-${canary}` });
    expect(wrong).toMatchObject({ exitCode: 2, all: expect.stringContaining('refuses the login') as string });
    const { all, exitCode } = await restore(place, ['--backup', await dumpAs(['-Fc'], null)], { PGPASSWORD: canary });
    expect(exitCode, all).toBe(0);
    for (const said of [without.all, wrong.all, all]) expect(said).not.toContain(canary);
  });

  test.for(['SIGINT', 'SIGKILL'] as const)('is done anew after a %s, and no pg_restore goes on', async (signal) => {
    const { startedAt } = await serverVersion(server().outside);
    const place = await makeWorkspace();
    const file = await dumpAs(['-Fd'], null);
    await forgetRestored();
    await sql('create role slow');
    onTestFinished(async () => {
      await sql('drop role if exists slow');
    });
    const child = restore(place, ['--backup', file]);
    await expect.poll(() => services.programs(server().id), { timeout: 60_000 }).toMatch(/CREATE INDEX/);
    process.kill(child.pid ?? 0, signal);
    const { exitCode } = await child;
    if (signal === 'SIGINT') expect(exitCode).toBe(2);
    await sql('drop role slow');
    await expect
      .poll(() => services.programs(server().id), { timeout: 20_000 })
      .not.toMatch(/"(?:pg_restore|bash|perl|cat)\b/);
    await expectNothingInside();
    // A server takes a program that is left to it and killed for a crash of its own.
    expect((await serverVersion(server().outside)).startedAt).toBe(startedAt);
    const ended = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where query like 'CREATE INDEX%'";
    if (signal === 'SIGKILL') await sql(ended);
    const again = await restore(place, ['--backup', file]);
    expect(again.exitCode, again.all).toBe(0);
    expect(await sql('select from pg_roles where rolname like $1', ['restore_rehearsal%'])).toBe(0);
  });

  test('says which services there are, and what to do about one that does not run', async () => {
    const place = await makeWorkspace();
    const other = await startCommand('restore', [
      ...['--config', config],
      ...['--compose-service', `${service}x`],
      '--rollback',
    ]);
    expect(other.all).toMatch(
      new RegExp(`No container of the Compose service ${service}x is running.*${project}/${service}`),
    );
    expect(other.exitCode).toBe(2);
    const container = (await services.docker()).getContainer(server().id);
    await container.pause();
    const paused = await restore(place, ['--rollback']);
    await container.unpause();
    expect(paused.all).toContain('is paused');
    expect(paused.exitCode).toBe(2);
  });

  test('asks which of several containers is meant', async () => {
    const place = await makeWorkspace();
    const idle = { Entrypoint: [], name: `${service}-twin` };
    const twin = await services.start(project, ['sleep', '600'], idle);
    const { all, exitCode } = await restore(place, ['--rollback']);
    await services.remove(twin);
    expect(all).toContain(`2 containers run the Compose service ${service} of the project ${project}: `);
    expect(all).toContain('name one by its port, with --url');
    expect(exitCode).toBe(2);
  });

  test('says that the container has no client programs', async () => {
    const place = await makeWorkspace();
    const bare = await services.startServer('bare', {
      // As an image without them.
      Entrypoint: ['bash', '-c', 'rm $(find /usr -name pg_restore); exec docker-entrypoint.sh postgres'],
    });
    const { all, exitCode } = await restore(place, ['--rollback', '--compose-project', 'bare'], { PGPASSWORD: canary });
    await services.remove(bare.id);
    expect(all).toContain('has no pg_restore, which is run inside of it');
    expect(exitCode).toBe(2);
  });

  function restore(place: string, args: string[], env: Record<string, string | undefined> = {}) {
    const named = args.includes('--compose-service') ? [] : ['--compose-service', service];
    const where = ['--config', config, ...named, '--disk', '2GB'];
    const chosen = args.includes('--compose-project') ? [] : ['--compose-project', project];
    return startCommand('restore', [...where, ...chosen, ...args], { TMPDIR: place, ...env });
  }

  async function sql(statement: string, values: unknown[] = []): Promise<number | null> {
    return withClient(server().outside, async (client) => (await client.query(statement, values)).rowCount);
  }

  /** What is restored already is not restored again. */
  async function forgetRestored(): Promise<void> {
    await withClient({ ...server().outside, database: 'postgres' }, async (client) => {
      const there = await client.query<{ name: string }>(
        "select datname as name from pg_database where datname like 'shop\\_%'",
      );
      for (const { name } of there.rows) await client.query(`drop database "${name}" with (force)`);
    });
  }

  async function countNotes(): Promise<number | null> {
    return sql('select from notes');
  }

  /** The same backup, as another program could have written it. */
  async function dumpAs(flags: readonly string[], packer: 'gzip' | null): Promise<string> {
    const directory = await makeWorkspace();
    const from = backupSet(dump);
    const set = backupSet(join(directory, 'shop_20260209T094803Z.dump'));
    await execa('docker', ['cp', `${server().id}:/var/tmp/${flags.join('')}`, set.dump]);
    if (packer !== null) {
      await execa(packer, [set.dump]);
      await rename(`${set.dump}.gz`, set.dump);
    }
    const { sha256, sizeBytes, checksumText } = await hashDump(set.dump);
    const manifest = JSON.parse(await readFile(from.manifest, 'utf8')) as Manifest;
    const format = flags.includes('-Fd') ? 'directory' : 'custom';
    await writeFile(set.manifest, JSON.stringify({ ...manifest, sha256, bytes: sizeBytes, format }));
    await writeFile(set.checksum, checksumText);
    return set.dump;
  }

  async function expectNothingInside(): Promise<void> {
    const list = () => execa('docker', ['exec', server().id, 'ls', '/tmp', '/dev/shm']).then(({ stdout }) => stdout);
    await expect.poll(list, { timeout: 10_000 }).not.toContain('restore-rehearsal');
    expect(await services.programs(server().id)).not.toMatch(/"(?:pg_restore|psql|bash|cat)\b/);
  }
});
