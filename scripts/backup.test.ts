import { execa, execaSync } from 'execa';
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { sampleOf } from '../fixtures/testing/sample.ts';
import { findProcesses } from '../fixtures/testing/leftovers.ts';
import { sampleProcesses, type Sample } from '../fixtures/testing/processes.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { listLeft, makePlace, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { mountSmallDisk, noSmallDisk } from '../fixtures/testing/small-disk.ts';
import { cutAfter } from '../fixtures/testing/wires.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { examineFiles } from '../src/backup/examine.ts';
import { listBackups } from '../src/backup/inventory.ts';
import { readEnvironment } from '../src/system/environment.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { databaseUrl, type Connection } from '../src/postgres/connection.ts';
import { unprivilegedAccount } from '../src/system/account.ts';

/** Another account than root, and what becomes it before it becomes a program. */
const other = await unprivilegedAccount(readEnvironment().path);
const asOther = [`--reuid=${other?.uid}`, `--regid=${other?.gid}`, '--clear-groups'];
const noOtherAccount = findObstacle();

function findObstacle(): string | null {
  if (other === null) return 'skipped: root alone can become somebody else';
  const { exitCode } = execaSync('setpriv', [...asOther, 'node', '--import', 'tsx', '--eval', ''], { reject: false });
  return exitCode === 0 ? null : `skipped: ${other.name} may not read this directory`;
}

/** A live database, and where its backups go. */
interface Source {
  owner: Connection;
  /** Without a password. */
  url: string;
  directory: string;
  temporaryDirectory: string;
}

test('help says all flags, and what the exit status means', async () => {
  const { all, exitCode } = await startCommand('backup', ['--help']);
  for (const flag of ['--url', '--compose-service', '--compose-project', '--dir', '--config', '--help'])
    expect(all).toContain(flag);
  expect(all).toMatch(/Exit status: 0 the backup is there, 2 it is not/);
  expect(exitCode).toBe(0);
});

describeEngine('local', 'npm run backup', (engine) => {
  const server = useServer(engine);

  async function makeSource(): Promise<Source> {
    const owner = { ...(await createTestDatabase(server())), ...(await server().openPort()) };
    await withClient(owner, (client) =>
      client.query(`
        create table bookings (id serial primary key, note text);
        insert into bookings (note) select repeat(md5(i::text), 20) from generate_series(1, 2000) as i`),
    );
    const { reports, temporaryDirectory } = await makePlace();
    const directory = join(dirname(reports), 'backups', 'local');
    return { owner, url: urlOf(owner), directory, temporaryDirectory };
  }

  describe('takes a backup', () => {
    test.for(['PGPASSWORD', 'PGPASSFILE', 'the URL'] as const)(
      'with a password from %s, which no argument, output or file shows',
      async (where) => {
        const source = await makeSource();
        const { owner, directory, temporaryDirectory } = source;
        const passfile = join(dirname(temporaryDirectory), 'passfile');
        const line = `${owner.host}:${owner.port}:*:${owner.user}:${owner.password}\n`;
        await writeFile(passfile, line, { mode: 0o600 });
        const given = {
          PGPASSWORD: { PGPASSWORD: owner.password },
          PGPASSFILE: { PGPASSWORD: undefined, PGPASSFILE: passfile },
          'the URL': { PGPASSWORD: '', REHEARSAL_URL: databaseUrl(owner) },
        }[where];
        const args = where === 'the URL' ? [] : ['--url', source.url];
        const child = backUp(source, args, given);
        const samples = await watch(child, temporaryDirectory);
        const { all, exitCode } = await child;

        expect(exitCode, all).toBe(0);
        await expectWhole(source, 1);
        expect(all).toMatch(
          /✔ .*\.dump\n.* SHA-256 .*\n +1 table and 2000 rows of .* in .*\.manifest\.json\n.*\.sha256/,
        );
        const [stored] = await listBackups(directory, owner.database);
        expect(all).toContain(`npm run rehearse -- latest-backup --backup ${stored?.files.dump ?? '?'}`);

        expect(samples.map(({ command }) => command).join('\n')).toContain('/pg_dump ');
        const shown = [all, ...samples.map(({ command }) => command), await readAll(directory)].join('\n');
        expect(shown).not.toContain(owner.password);
        const knowing = samples.filter(({ environment }) => environment.includes(owner.password));
        const others = knowing.filter(({ command }) => !/^\S*\/pg_dump /.test(command));
        // The user's own shell hands it to all of Node.js; a passfile is only read.
        if (where === 'PGPASSFILE') expect(others).toEqual([]);
        else expect(others.filter(({ command }) => !/^(\S*\/)?(node|esbuild) /.test(command))).toEqual([]);
        expect(knowing.length).toBeGreaterThan(0);
      },
    );

    test('where the profile says, as it says', async () => {
      const source = await makeSource();
      const { owner, temporaryDirectory } = source;
      const config = await makeProfile({
        database: { name: owner.database, owner: owner.user, url: source.url },
        ownership: 'preserve',
        backups: { directory: 'kept/here', format: 'directory', compression: '1' },
      });
      const env = { TMPDIR: temporaryDirectory, PGPASSWORD: owner.password };
      const { all, exitCode } = await startCommand('backup', ['--config', config], env);
      expect(exitCode, all).toBe(0);
      const directory = join(dirname(config), 'kept', 'here');
      const [stored] = await expectWhole({ ...source, directory }, 1);
      expect(stored?.parts).toContain('globals');
      expect((await stat(stored?.files.dump ?? '')).isDirectory()).toBe(true);
    });

    test('twice at once', async () => {
      const source = await makeSource();
      const results = await Promise.all([1, 2].map(() => backUp(source)));
      expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      await expectWhole(source, 2);
    });

    test('into a directory that others may look into, and says so', async () => {
      const source = await makeSource();
      await mkdir(source.directory, { recursive: true });
      await chmod(source.directory, 0o755);
      const { all, exitCode } = await backUp(source);
      expect(exitCode, all).toBe(0);
      expect(all).toMatch(/Others may look into .*: chmod 700 keeps them out/);
    });

    test('and says every few seconds that it waits for a lock', async () => {
      const source = await makeSource();
      const { all, exitCode } = await backUpLocked(source, async ({ seen }) => {
        await expect.poll(seen, { timeout: 60_000 }).toContain('for locks that others hold\n');
      });
      expect(exitCode, all).toBe(0);
      await expectWhole(source, 1);
    });

    test.skipIf(noOtherAccount !== null)(`as an ordinary user ${noOtherAccount ?? ''}`, async () => {
      const source = await makeSource();
      const { temporaryDirectory, directory, owner } = source;
      await mkdir(directory, { recursive: true });
      for (const own of [temporaryDirectory, directory]) await chown(own, other?.uid ?? 0, other?.gid ?? 0);
      await chmod(directory, 0o700);
      const program = ['node', '--import', 'tsx', 'scripts/backup.ts', '--url', source.url, '--dir', directory];
      const { exitCode, all } = await execa('setpriv', [...asOther, ...program], {
        env: { TMPDIR: temporaryDirectory, PGPASSWORD: owner.password, HOME: temporaryDirectory },
        reject: false,
        all: true,
      });
      expect(exitCode, all).toBe(0);
      const [stored] = await expectWhole(source, 1);
      expect((await stat(stored?.files.dump ?? '')).uid).toBe(other?.uid);
    });
  });

  describe('that takes none ends with 2, says why in a sentence, and leaves nothing', () => {
    test.for([
      ['no source', { args: ['--url', ''], says: /Nothing says where the database is: give --url/ }],
      ['two sources', { args: ['--compose-service', 'db'], says: /Both a URL and a Compose service are named/ }],
      ['a flag that there is not', { args: ['--ulr', 'x'], says: /Unknown flag --ulr; did you mean --url\?/ }],
      ['no flag', { args: ['postgres://u:canary@h/d'], says: /takes flags only, not "postgres:\/\/u:…@h\/d"/ }],
      ['no URL', { args: ['--url', 'shop:canary@host'], says: /does not start with postgres:\/\// }],
      ['a slash in the password', { args: ['--url', 'postgres://u:can@h/ary@h/d'], says: /percent-encoded/ }],
      ['no profile', { args: ['--config', '/nonexistent'], says: /There is no profile at \/nonexistent/ }],
      [
        'a wrong password',
        { env: { PGPASSWORD: 'canary' }, says: /refuses the login .*password authentication failed/ },
      ],
      ['no password', { env: { PGPASSWORD: '' }, says: /asks for a password .*Give it in PGPASSWORD or ~\/\.pgpass/ }],
      ['no server', { url: (url) => url.replace(/:\d+\//, ':1/'), says: /cannot be reached: .*ECONNREFUSED/ }],
      ['no such database', { url: (url) => `${url}x`, says: /database ".*x" does not exist/ }],
    ] as [string, Mistake][])('for %s', async ([, { args = [], env, url, says }]) => {
      const source = await makeSource();
      const { all, exitCode } = await backUp(source, ['--url', url?.(source.url) ?? source.url, ...args], env);
      expect(all).toMatch(says);
      expect(all).not.toContain('canary');
      await expectNothing(source, { all, exitCode });
    });

    test('for a profile that says no directory', async () => {
      const source = await makeSource();
      const args = ['--url', source.url, '--config', await makeProfile({})];
      const { all, exitCode } = await startCommand('backup', args, { TMPDIR: source.temporaryDirectory });
      expect(all).toContain('Nothing says where the backup goes: give --dir DIR, or set backups.directory.');
      expect(exitCode).toBe(2);
    });

    test('for a pg_dump that is older than the server', async () => {
      const source = await makeSource();
      const programs = join(dirname(source.temporaryDirectory), 'old');
      await mkdir(programs);
      for (const name of ['pg_dump', 'pg_restore', 'psql'])
        await writeFile(join(programs, name), '#!/bin/sh\necho "pg_dump (PostgreSQL) 14.1"\n', { mode: 0o755 });
      const { all, exitCode } = await backUp(source, undefined, { REHEARSAL_PG_BINDIR: programs });
      expect(all).toMatch(/newest client programs in REHEARSAL_PG_BINDIR .* are 14\.1 .*Install postgresql-client-\d+/);
      await expectNothing(source, { all, exitCode });
    });

    test('for a table that may not be read', async () => {
      const source = await makeSource();
      const { admin } = server();
      await withClient({ ...admin, database: source.owner.database }, (client) =>
        client.query('create table secrets (id int)'),
      );
      const { all, exitCode } = await backUp(source);
      expect(all).toMatch(
        /permission denied for table secrets\. All rows have to be read: GRANT pg_read_all_data TO .*, or connect as the owner/,
      );
      await expectNothing(source, { all, exitCode });
    });

    test('for a connection that is lost', async () => {
      const source = await makeSource();
      const cut = await cutAfter(source.owner, 200_000);
      const { all, exitCode } = await backUp({ ...source, url: urlOf({ ...source.owner, ...cut }) });
      expect(all).toMatch(/see whether .* runs, and start again/i);
      await expectNothing(source, { all, exitCode });
    });

    test.skipIf(noSmallDisk !== null)(`for a disk that is full ${noSmallDisk ?? ''}`, async () => {
      const source = await makeSource();
      await mountSmallDisk(source.directory);
      const large =
        "insert into bookings (note) select string_agg(md5(i::text), '') from generate_series(1, 40000) as i";
      await withClient(source.owner, (client) => client.query(large));
      const { all, exitCode } = await backUp(source);
      expect(all).toMatch(/There is no space left for the backup in .*Nothing was left there\. Free some space/);
      await expectNothing(source, { all, exitCode });
    });

    test.for(sampleOf(['SIGINT', 'SIGTERM', 'SIGHUP'] as const, () => 'signal'))(
      'for a %s in the middle',
      async (signal) => {
        const source = await makeSource();
        const { all, exitCode } = await backUpLocked(source, async ({ interrupt, ended }) => {
          interrupt(signal);
          await ended;
        });
        expect(all).toMatch(/Interrupted: removing .*\n.*The backup was interrupted\. Nothing was left of it\./s);
        await expectNothing(source, { all, exitCode });
      },
    );
  });

  /** Backs up, and runs `act` while the backup waits for a table that somebody else has locked. */
  async function backUpLocked(source: Source, act: (running: Running) => Promise<void>) {
    return withClient(source.owner, async (client) => {
      await client.query('begin; lock table bookings in access exclusive mode');
      const child = backUp(source);
      let seen = '';
      child.all.on('data', (chunk: Buffer) => (seen += chunk.toString()));
      await withClient(server().admin, async (admin) => {
        while ((await admin.query(waiting, [source.owner.database])).rowCount === 0) await delay(20);
      });
      const interrupt = (signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal);
      await act({ seen: () => seen, interrupt, ended: child });
      await client.query('rollback');
      return await child;
    });
  }
});

interface Running {
  seen: () => string;
  /** Sends a signal to the whole process group, as a terminal does. */
  interrupt: (signal: NodeJS.Signals) => unknown;
  ended: Promise<unknown>;
}

type Variables = Record<string, string | undefined>;

interface Mistake {
  /** After those that would do. */
  args?: string[];
  env?: Variables;
  /** Changes the URL that would do. */
  url?: (url: string) => string;
  says: RegExp;
}

const waiting = "select pid from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";

function urlOf(owner: Connection): string {
  return databaseUrl({ ...owner, password: '' }).replace(':@', '@');
}

function backUp({ directory, temporaryDirectory, owner, url }: Source, args = ['--url', url], env: Variables = {}) {
  const own = { TMPDIR: temporaryDirectory, HOME: temporaryDirectory, PGPASSWORD: owner.password };
  return startCommand('backup', ['--dir', directory, ...args], { ...own, ...env });
}

/** Looks all the time at every process of a command that this account can look into. */
async function watch(child: Promise<unknown>, temporaryDirectory: string): Promise<Sample[]> {
  const seen = new Map<string, Sample>();
  const over = new AbortController();
  void child.finally(() => {
    over.abort();
  });
  while (!over.signal.aborted) {
    for (const sample of sampleProcesses()) {
      const key = `${sample.command}\n${sample.environment}`;
      if (key.includes(temporaryDirectory)) seen.set(key, sample);
    }
    await delay(5);
  }
  return [...seen.values()];
}

/** The directory holds so many backups, whole and private, and nothing else. Nothing is left elsewhere. */
async function expectWhole({ directory, owner, temporaryDirectory }: Source, count: number) {
  const stored = await listBackups(directory, owner.database);
  expect(stored).toHaveLength(count);
  for (const { files, stem } of stored) {
    expect((await examineFiles(files, await makeWorkspace())).findings).toEqual([]);
    await execa('sha256sum', ['--check', '--strict', files.checksum], { cwd: directory });
    for (const name of (await readdir(directory)).filter((each) => each.startsWith(stem))) {
      const stats = await stat(join(directory, name));
      expect(stats.mode & 0o777).toBe(stats.isDirectory() ? 0o700 : 0o600);
    }
  }
  expect((await stat(directory)).mode & 0o700).toBe(0o700);
  const names = await readdir(directory);
  expect(names.filter((name) => !stored.some(({ stem }) => name.startsWith(`${stem}.`)))).toEqual([]);
  await expectNothingElse(temporaryDirectory);
  return stored;
}

async function expectNothing(source: Source, { all, exitCode }: { all: string; exitCode?: number | undefined }) {
  expect(exitCode, all).toBe(2);
  expect(all).not.toContain(source.owner.password);
  // A stack would show our code, not their problem.
  expect(all).not.toMatch(/^ +at /m);
  expect(await readdir(source.directory).catch(() => [])).toEqual([]);
  await expectNothingElse(source.temporaryDirectory);
}

async function expectNothingElse(temporaryDirectory: string): Promise<void> {
  expect(await listLeft(temporaryDirectory)).toEqual([]);
  expect(await findProcesses(temporaryDirectory)).toEqual([]);
}

async function readAll(directory: string): Promise<string> {
  const names = await readdir(directory);
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'latin1')))).join('\n');
}
