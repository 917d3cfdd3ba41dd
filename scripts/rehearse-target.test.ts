import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { runRehearse, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { lendTarget, type LentTarget } from '../fixtures/testing/targets.ts';
import { withClient, type Connection } from '../src/postgres/connection.ts';
import { openTarget } from '../src/target/open-target.ts';
import { readEnvironment } from '../src/system/environment.ts';
import { makeServerDirectory } from '../fixtures/testing/servers.ts';

const seed = `
  create table notes (id integer primary key, text text);
  insert into notes values (7, 'one'), (8, null);
  create table shared (id integer primary key);
  alter table shared enable row level security;
  insert into shared values (1);
  grant select on notes to app;
  select lo_from_bytea(0, 'large');`;

/** A profile whose roles are restored, too. */
function profileOf(changes: Record<string, unknown> = {}): Promise<string> {
  return makeProfile({ ownership: 'preserve', roles: ['app'], ...changes }, { 'schema.sql': seed });
}

/** The first use leaves the schema that says what was made: from then on nothing is to differ. */
async function useOnce({ url, fingerprint }: LentTarget): Promise<string> {
  const engine = await openTarget(url, {
    environment: readEnvironment(),
    sources: [],
    secrets: [],
    say: () => undefined,
  });
  const server = await engine.start({
    ...{ id: 'first', directory: await makeServerDirectory(), admin: { user: '', password: '' } },
    ...{ forContainers: false, keep: false, signal: new AbortController().signal },
  });
  await server[Symbol.asyncDispose]();
  return fingerprint();
}

const ofShop = { name: 'shop', database: { name: 'sh op', owner: "o'wner" }, ownership: 'preserve' };

/** A backup of a database that was on that very server, with roles that were, and with one that still is. */
async function takeBackup({ admin }: LentTarget): Promise<string> {
  const make = [
    ...[
      `create role "o'wner" login`,
      `create role "-app $(id)"`,
      'create role boss superuser',
      'grant boss to somebody',
    ],
    `create database "sh op" owner "o'wner"`,
  ];
  const fill = [
    ...[`set role "o'wner"`, 'create table public.t (id int primary key)', 'insert into public.t values (1), (2)'],
    ...['create table public.hidden (id int)', 'alter table public.hidden enable row level security'],
    ...['insert into public.hidden values (1)', 'grant select on public.t to "-app $(id)", somebody'],
  ];
  const drop = ['drop database "sh op"', `drop role "o'wner"`, 'drop role "-app $(id)"', 'drop role boss'];
  await query(admin, make);
  await query({ ...admin, database: 'sh op' }, fill);
  const profile = await makeProfile({ ...ofShop, seed: [], backups: { directory: 'backups' } });
  const url = `postgres://super@${admin.host}:${admin.port}/sh%20op`;
  const { exitCode, all } = await startCommand('backup', ['--config', profile, '--url', url]);
  expect(exitCode, all).toBe(0);
  await query(admin, drop);
  const directory = join(dirname(profile), 'backups');
  const name = (await readdir(directory)).find((each) => each.endsWith('.dump')) ?? '';
  return join(directory, name);
}

async function query(connection: Connection, statements: string[]): Promise<void> {
  await withClient(connection, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

describeEngine('local', 'npm run rehearse -- --target', () => {
  test('without a superuser it verifies, says what it could not do, and leaves the server as it was', async () => {
    const target = await lendTarget();
    const before = await useOnce(target);
    const args = ['clean-state', '--second-oracle', '--config', await profileOf(), '--target', target.url];
    const { evidence, exitCode, output, temporary } = await runRehearse({ args });
    expect(exitCode, output).toBe(0);
    expect(evidence?.environment).toMatchObject({
      engine: 'target',
      settingsFrom: 'target',
      isolation: { server: null },
    });
    const notChecked = evidence?.coverage.notChecked.map(({ what }) => what) ?? [];
    expect(notChecked).toContainEqual(expect.stringContaining('cannot act on the world'));
    expect(notChecked).toContainEqual(expect.stringContaining('pg_amcheck'));
    expect(evidence?.checks.find(({ id }) => id === 'structure')).toMatchObject({ status: 'not-applicable' });
    expect(await target.fingerprint()).toBe(before);
    expect(temporary).toEqual([]);
  });

  test('a backup with roles verifies, and roles that are there already stay as they are', async () => {
    const target = await lendTarget();
    const backup = await takeBackup(target);
    const before = await useOnce(target);
    const profile = await makeProfile({ ...ofShop, seed: [] });
    const args = ['latest-backup', '--second-oracle', '--config', profile, '--backup', backup, '--target', target.url];
    const { evidence, exitCode, output } = await runRehearse({ args });
    expect(exitCode, output).toBe(0);
    expect(evidence?.findings).toEqual([]);
    const whats = evidence?.coverage.notChecked.map(({ what }) => what);
    expect(whats).toContainEqual(expect.stringMatching(/^the roles .*\bsomebody\b/));
    expect(await target.fingerprint()).toBe(before);
  });

  test('Ctrl-C in the middle leaves nothing', async () => {
    const target = await lendTarget();
    const before = await useOnce(target);
    let interrupted = false;
    const { evidence, output } = await runRehearse({
      args: ['clean-state', '--config', await profileOf(), '--target', target.url],
      onOutput: (seen, interrupt) => {
        if (interrupted || !seen.includes('✔ Seed the baseline data')) return;
        interrupted = true;
        interrupt('SIGINT');
      },
    });
    expect(evidence?.verdict, output).toBe('could-not-run');
    expect(await target.fingerprint()).toBe(before);
  });

  test('what takes a server of its own cannot run, and nothing is left', async () => {
    const target = await lendTarget({ isSuperuser: true });
    const before = await useOnce(target);
    const args = ['faults', 'side-by-side', '--config', await profileOf(), '--target', target.url];
    const { exitCode, output } = await runRehearse({ args });
    expect(exitCode).toBe(2);
    expect(output.match(/could-not-run \(TARGET_CANNOT\)/g)?.length, output).toBe(2);
    expect(await target.fingerprint()).toBe(before);
  });

  test.for([
    ['--engine', ['--engine', 'local']],
    ['--keep', ['--keep']],
  ] as const)('beside %s it is refused', async ([flag, more]) => {
    const { exitCode, output } = await runRehearse({ args: ['--target', 'postgres://a@127.0.0.1:1', ...more] });
    expect(exitCode).toBe(2);
    expect(output).toContain(`and ${flag} is about one that is started here`);
  });
});
