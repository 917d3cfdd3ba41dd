import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeServerDirectory } from '../../fixtures/testing/servers.ts';
import { lendTarget, loseSessions, mark, type LentTarget } from '../../fixtures/testing/targets.ts';
import type { DisposableServer } from '../engine/engine.ts';
import { withClient } from '../postgres/connection.ts';
import { createRole, createRoleAndDatabase, dropDatabase } from '../postgres/database.ts';
import { withDisposable } from '../postgres/disposable.ts';
import { createRoles, dropRoles } from '../postgres/globals.ts';
import { readEnvironment } from '../system/environment.ts';
import { openTarget, type TargetOptions } from './open-target.ts';

/** A login that nobody had. */
const login = (user: string, database: string) => ({ user, database, password: randomBytes(9).toString('hex') });

async function open({ url }: LentTarget, changes: Partial<TargetOptions> = {}): Promise<DisposableServer> {
  const options = {
    environment: readEnvironment(),
    sources: [],
    secrets: [],
    say: () => undefined,
    waitMs: 0,
    ...changes,
  };
  const engine = await openTarget(url, options);
  return engine.start({
    ...{ id: 'test', directory: await makeServerDirectory(), admin: { user: 'unused', password: '' } },
    ...{ forContainers: false, keep: false, signal: new AbortController().signal },
  });
}

async function fill(server: DisposableServer): Promise<void> {
  await createRoleAndDatabase(server.admin, { ...server.admin, ...login('shop owner', 'shop') });
}

describeEngine('local', 'a server that somebody else provides', () => {
  test.for([false, true])('is as it was in the end (superuser: %s)', async (isSuperuser) => {
    const target = await lendTarget({ isSuperuser });
    const first = await open(target);
    await first[Symbol.asyncDispose]();
    const before = await target.fingerprint();
    {
      await using server = await open(target);
      await fill(server);
      await createRoles(server.admin, ['app']);
      // What a dump may do to its own database, as its owner.
      await withDisposable({ ...server.admin, database: 'shop' }, (client) =>
        client.query("comment on database shop is 'of a dump'"),
      );
      expect(await target.fingerprint()).not.toBe(before);
    }
    expect(await target.fingerprint()).toBe(before);
  });

  test('what was there is never touched', async () => {
    const target = await lendTarget({ isSuperuser: true });
    await using server = await open(target);
    const before = await target.fingerprint();
    const { admin } = server;
    await expect(createRole(admin, login('somebody', ''))).rejects.toMatchObject({ code: 'TARGET_OCCUPIED' });
    await expect(createRoles(admin, ['idle'])).rejects.toMatchObject({ code: 'TARGET_OCCUPIED' });
    await expect(dropDatabase(admin, 'app_dev')).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
    const there = { ...admin, database: 'app_dev' };
    await expect(withDisposable(there, () => Promise.resolve())).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
    const psql = { tool: 'psql' as const, args: ['--command=drop table kept'], ...there, timeoutMs: 10_000 };
    await expect(server.runTool(psql)).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
    await dropRoles(admin, []);
    expect(await target.fingerprint()).toBe(before);
  });

  test('without a marker nothing is sent that could change anything', async () => {
    const target = await lendTarget({
      isMarked: false,
      settings: {
        log_statement: 'all',
        log_destination: 'csvlog',
        logging_collector: 'on',
        log_directory: 'logs',
        log_filename: 'all',
      },
    });
    const before = await target.fingerprint();
    await expect(open(target)).rejects.toMatchObject({ code: 'TARGET_NOT_MARKED' });
    expect(await target.fingerprint()).toBe(before);
    const { rows } = await withClient(target.admin, (client) =>
      client.query<{ log: string }>("select pg_catalog.pg_read_file('logs/all.csv') as log"),
    );
    const statements = (rows[0]?.log ?? '')
      .split('\n')
      .filter((line) => line.includes('"drill"') && /(?:statement|execute [^:]*): /.test(line));
    expect(statements.length).toBeGreaterThan(0);
    for (const each of statements) expect(each).toMatch(/(?:statement|execute [^:]*): \s*(?:select|--)|: $/i);
  });

  test.for([
    ['that is of another server', { system: '1/1' }, 'TARGET_NOT_MARKED'],
    ['that is of another address', { at: 'elsewhere:5432' }, 'TARGET_NOT_MARKED'],
    ['that does not name a database', { beside: [] }, 'TARGET_REFUSED'],
  ] as const)('a marker %s is none', async ([, changes, code]) => {
    const target = await lendTarget();
    await mark(target.admin, ['app_dev'], changes);
    await expect(open(target)).rejects.toMatchObject({ code });
  });

  test('the database postgres counts where somebody keeps tables in it', async () => {
    const target = await lendTarget();
    await withClient(target.admin, (client) => client.query('create table public.orders (id int)'));
    await expect(open(target)).rejects.toThrow(/databases that its marker does not name: "postgres"/);
  });

  test('the server of the source is no target', async () => {
    const target = await lendTarget();
    const same = target.url.replace('127.0.0.1', 'localhost') + '/app_dev';
    await expect(open(target, { sources: [same] })).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
  });

  test('what a killed rehearsal left goes with the next one, and nothing that has got its name', async () => {
    const target = await lendTarget();
    const killed = await open(target);
    await fill(killed);
    await createRoles(killed.admin, ['app', 'taken']);
    await loseSessions(target.admin);
    await withClient(target.admin, async (client) => {
      await client.query('drop role taken');
      await client.query('create role taken');
    });
    const said: string[] = [];
    const next = await open(target, { say: (message) => said.push(message) });
    expect(said.join()).toMatch(
      /removed what a killed rehearsal left on the target: database shop, role app, role shop owner/,
    );
    await next[Symbol.asyncDispose]();
    const { rows } = await withClient(target.admin, (client) =>
      client.query<{ name: string }>(
        "select rolname as name from pg_catalog.pg_roles where rolname in ('app', 'taken', 'shop owner')",
      ),
    );
    expect(rows).toEqual([{ name: 'taken' }]);
  });

  test('a database that was being made when the rehearsal was killed goes, too', async () => {
    const target = await lendTarget();
    const killed = await open(target);
    await fill(killed);
    const marker = { ...target.admin, database: 'restore_rehearsal_scratch' };
    await withClient(marker, (client) =>
      client.query("update restore_rehearsal.made set number = null where kind = 'database'"),
    );
    await loseSessions(target.admin);
    await using next = await open(target);
    expect(next.engine).toBe('target');
    const { rowCount } = await withClient(target.admin, (client) =>
      client.query("select from pg_database where datname = 'shop'"),
    );
    expect(rowCount).toBe(0);
  });

  test('one that has lost its session makes nothing more, and cleans up all the same', async () => {
    const target = await lendTarget();
    const server = await open(target);
    await fill(server);
    await loseSessions(target.admin);
    await expect
      .poll(
        () =>
          createRoles(server.admin, ['late']).then(
            () => null,
            (error: unknown) => error,
          ),
        { timeout: 20_000 },
      )
      .toMatchObject({ code: 'SERVER_LOST' });
    await server[Symbol.asyncDispose]();
    const { rowCount } = await withClient(target.admin, (client) =>
      client.query("select from pg_database where datname = 'shop'"),
    );
    expect(rowCount).toBe(0);
  });

  test('who minds the server may be in a database for a moment, and is not thrown out', async () => {
    const target = await lendTarget();
    await using server = await open(target);
    await fill(server);
    await withClient({ ...target.admin, database: 'shop' }, async (client) => {
      let isGone = false;
      const dropped = dropDatabase(server.admin, 'shop').then(() => (isGone = true));
      await client.query('select pg_catalog.pg_sleep(0.5)');
      expect(isGone).toBe(false);
      void client.end();
      await dropped;
    });
  });

  test('one rehearsal at a time has it', async () => {
    const target = await lendTarget();
    await using first = await open(target);
    expect(first.serverVersion).toMatch(/^\d+/);
    await expect(open(target)).rejects.toMatchObject({ code: 'TARGET_BUSY' });
  });

  test('the documentation shows the marker as it is', async () => {
    const page = await readFile(new URL('../../docs/target.md', import.meta.url), 'utf8');
    expect(page).toContain('"scratch":"restore-rehearsal may make and drop databases and roles on this server"');
  });
});
