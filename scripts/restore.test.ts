import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, rowsLeft, writeProfile, type Incident } from '../fixtures/testing/incidents.ts';
import { findProcesses } from '../fixtures/testing/leftovers.ts';
import { endProcess } from '../fixtures/testing/processes.ts';
import { seededRandom } from '../fixtures/testing/random.ts';
import { listLeft } from '../fixtures/testing/run-rehearse.ts';
import { sampleOf } from '../fixtures/testing/sample.ts';
import { useServer } from '../fixtures/testing/servers.ts';
import type { Manifest } from '../src/backup/manifest.ts';
import { connect, withClient } from '../fixtures/testing/sessions.ts';
import { disconnect, type Connection } from '../src/postgres/connection.ts';
import { readFacts } from '../src/recovery/database-facts.ts';
import { takeSnapshot } from '../src/snapshot/take.ts';
import { restoreBeside } from '../src/recovery/restore-beside.ts';

const seed = Number(process.env['REHEARSAL_TEST_SEED'] ?? 2026);
const random = seededRandom(seed);

describeEngine('local', `npm run restore (REHEARSAL_TEST_SEED=${seed})`, (engine) => {
  const server = useServer(engine);

  test('restores beside, shows what differs, switches, and takes it back, whatever the database is called', async () => {
    const incident = await makeIncident(server(), { name: 'Else "where"', schema: 'create extension pageinspect' });
    const { live, admin, restore, countNotes, others } = incident;
    const database = pg.escapeIdentifier(live.database);
    const owner = pg.escapeIdentifier(live.user);
    await withClient(admin, (client) =>
      client.query(`
        create role "other ""role""";
        grant connect on database ${database} to "other ""role""" with grant option;
        revoke temporary on database ${database} from public;
        alter database ${database} connection limit 44;
        alter database ${database} set search_path to "$user", public, "a, ""b""";
        alter database ${database} set app.key to 'it''s';
        alter role ${owner} in database ${database} set work_mem to '9MB';
        comment on database ${database} is 'of people'`),
    );
    const before = await factsOf(admin, live.database);

    const beside = await restore();
    expect(beside.all).toMatch(
      new RegExp(`notes +${rowsLeft} +${rowsBackedUp} +0 +${rowsBackedUp - rowsLeft} +0$`, 'm'),
    );
    expect(beside.exitCode).toBe(0);
    const [restored = '', ...none] = await others();
    expect(none).toEqual([]);
    expect(restored).toMatch(/^Else "where"_restore_\d{8}T\d{6}Z$/);
    expect([await countNotes(), await countNotes(restored)]).toEqual([rowsLeft, rowsBackedUp]);
    expect(await factsOf(admin, live.database)).toEqual(before);

    const idle = await connect(live);
    onTestFinished(() => disconnect(idle));
    const switched = await restore('--switch');
    expect(switched.all).toContain('was restored before, and compared again');
    expect(switched.all).toContain('1 session ended');
    expect(switched.exitCode).toBe(0);
    expect(await countNotes()).toBe(rowsBackedUp);
    expect(await factsOf(admin, live.database)).toEqual(before);
    expect(await ownersOf(live)).toEqual([live.user]);
    const [kept = '', ...noMore] = await others();
    expect(noMore).toEqual([]);
    expect(kept).toMatch(/^Else "where"_before_\d{8}T\d{6}Z$/);
    expect(await countNotes(kept)).toBe(rowsLeft);

    expect((await restore('--switch')).all).toContain('already; nothing was done');
    expect(await others()).toEqual([kept]);

    const back = await restore('--rollback');
    expect(back.exitCode).toBe(0);
    expect(await countNotes()).toBe(rowsLeft);
    expect(await factsOf(admin, live.database)).toEqual(before);
    expect(await others()).toEqual([restored]);
    const again = await restore('--rollback');
    expect(again).toMatchObject({ exitCode: 0, all: expect.stringContaining('before; nothing was done') as string });
    expect(await others()).toEqual([restored]);
    await expectNothingLeft(incident);
  });

  test('does not switch to what is not equal to the manifest', async () => {
    const { taken, restore, countNotes, others } = await makeIncident(server());
    const manifest = JSON.parse(await readFile(taken.set.manifest, 'utf8')) as Manifest;
    for (const table of manifest.snapshot.tables) table.digest = '0'.repeat(32);
    await writeFile(taken.set.manifest, JSON.stringify(manifest));
    const { exitCode, all } = await restore('--switch');
    expect(all).toContain('CONTENT_MISMATCH');
    expect(exitCode).toBe(1);
    expect(await countNotes()).toBe(rowsLeft);
    expect(await others()).toEqual([expect.stringContaining('_restore_')]);
  });

  test('compares with a manifest of the first release by its own digests, and warns of them', async () => {
    const { taken, restore, others } = await makeIncident(server());
    expect(await restore()).toMatchObject({ exitCode: 0 });
    const [restored = ''] = await others();
    const reading = { runner: server(), ownership: 'runbook', digestVersion: 1, timeoutMs: 60_000 } as const;
    const { digestVersion, ...old } = await takeSnapshot({ ...server().admin, database: restored }, reading);
    expect(digestVersion).toBe(1);
    const manifest = JSON.parse(await readFile(taken.set.manifest, 'utf8')) as Manifest;
    await writeFile(
      taken.set.manifest,
      JSON.stringify({ ...manifest, snapshot: { ...old, sequences: manifest.snapshot.sequences } }),
    );
    const { exitCode, all } = await restore();
    expect(all).toContain('it is equal to the manifest');
    expect(all).toContain('The manifest was written by an older release');
    expect(all).toMatch(/notes +3 +100 +0 +97 +0$/m);
    expect(exitCode).toBe(0);
  });

  test.for(['runbook', 'preserve'] as const)('names the definitions that a switch changes, %s', async (ownership) => {
    const schema = `create extension hstore; create function public.f() returns integer language sql return 1;
      do $$ begin execute format('alter function f() owner to %I', current_database() || ' owner'); end $$`;
    const name = `definitions ${ownership}`;
    const { live, admin, restore } = await makeIncident(server(), { name, schema, ownership });
    await withClient({ ...admin, database: live.database }, (client) =>
      client.query(`
        create function public.note() returns event_trigger language plpgsql as 'begin end';
        create event trigger noted on ddl_command_end execute function public.note();
        create publication everything for all tables;
        create or replace function public.f() returns integer language sql return 2;
        drop extension hstore`),
    );
    for (const flags of [[], ['--switch', '--accept-differences']]) {
      const { all, exitCode } = await restore(...flags);
      const [, listed = ''] = /definitions that a switch changes\n((?: {4}\S.*\n)+)/.exec(all) ?? [];
      expect(
        listed.split('\n').map((line) => line.trim()),
        all,
      ).toEqual([
        `EVENT TRIGGER noted: only in ${live.database} now`,
        'EXTENSION hstore: only restored',
        'FUNCTION f(): changed since',
        `FUNCTION note(): only in ${live.database} now`,
        `PUBLICATION everything: only in ${live.database} now`,
        '',
      ]);
      expect(exitCode).toBe(0);
    }
  });

  test('gives roles the rights that they have in the live database, and says what they can read', async () => {
    const incident = await makeIncident(server(), {
      schema: 'create function public.f() returns integer language sql return 1',
    });
    const { live, admin, restore, countNotes } = incident;
    const app = `app of ${live.database}`;
    await withClient({ ...admin, database: live.database }, (client) =>
      client.query(`
        create role ${pg.escapeIdentifier(app)} login password 'p';
        grant select on notes to ${pg.escapeIdentifier(app)};
        alter function f() owner to ${pg.escapeIdentifier(live.user)};
        revoke execute on function f() from public`),
    );
    const beside = await restore();
    expect(beside.all).toMatch(/Granted by a switch.*\n.*app of .*\n +table public\.notes: SELECT\n/);
    expect(beside.all).toMatch(/Revoked by a switch.*\n +PUBLIC, on 1 object\n +function public\.f\(\): EXECUTE\n/);
    expect(beside.all).toContain('let it take its place');
    expect(beside.all).not.toContain('--accept-differences');

    const asApp = { ...live, user: app, password: 'p' };
    const switched = await withClient(asApp, () => restore('--switch'));
    expect(switched.all).toContain(`${app} can read what it could read before: 1 table\n`);
    expect(switched.exitCode).toBe(0);
    expect(await countNotes()).toBe(rowsBackedUp);
    const { rows } = await withClient(asApp, (client) =>
      client.query(
        "select count(*)::int as notes, has_function_privilege('public.f()', 'execute') as f from public.notes",
      ),
    );
    expect(rows).toEqual([{ notes: rowsBackedUp, f: false }]);
  });

  test('switches only where somebody has accepted what roles would lose', async () => {
    const incident = await makeIncident(server());
    const { live, admin, restore, countNotes, others } = incident;
    const keeper = pg.escapeIdentifier(`keeper of ${live.database}`);
    await withClient({ ...admin, database: live.database }, (client) =>
      client.query(`create role ${keeper};
        alter table notes owner to ${keeper};
        grant select on notes to ${pg.escapeIdentifier(live.user)}`),
    );
    const lost = /"keeper of .*", on 2 objects\n +sequence public\.notes_id_seq: OWNER\n +table public\.notes: OWNER\n/;

    const beside = await restore();
    expect(beside.all).toMatch(new RegExp(`Roles would lose rights:\n +${lost.source}`));
    expect(beside.all).toMatch(/would get rights that are not theirs now:(.*\n)+ +table public\.notes: OWNER/);
    expect(beside.all).toMatch(/let it take its place .* --switch .*--accept-differences$/m);
    expect(beside.exitCode).toBe(0);

    const refused = await restore('--switch');
    expect(refused.all).toMatch(lost);
    expect(refused.all).toMatch(/Not switched: .* would lose rights, and .* would get .*Nothing has changed in /);
    expect(refused.exitCode).toBe(2);
    expect(await countNotes()).toBe(rowsLeft);

    const switched = await restore('--switch', '--accept-differences');
    expect(switched.all).toContain('is the restored database now');
    expect(switched.all).toMatch(new RegExp(`Roles have lost rights:\n +${lost.source}`));
    expect(switched.exitCode).toBe(0);
    expect(await countNotes()).toBe(rowsBackedUp);
    expect(await others()).toEqual([expect.stringContaining('_before_')]);
  });

  test('restores nothing of a backup whose ownership is not that of the profile', async () => {
    const { live, workspace, restore, others } = await makeIncident(server());
    await writeFile(join(workspace, 'profile.mjs'), writeProfile(live, 'preserve'));
    const { exitCode, all } = await restore('--switch');
    expect(all).toContain("The backup was taken with ownership: 'runbook', the profile says 'preserve'");
    expect(exitCode).toBe(2);
    expect(await others()).toEqual([]);
  });

  test('restores nothing of a dump that has changed', async () => {
    const { taken, restore, others } = await makeIncident(server());
    const bytes = await readFile(taken.set.dump);
    await writeFile(taken.set.dump, Buffer.concat([bytes.subarray(0, -1), Buffer.of(1)]));
    const { exitCode, all } = await restore('--switch');
    expect(all).toContain('CHECKSUM_MISMATCH');
    expect(exitCode).toBe(1);
    expect(await others()).toEqual([]);
  });

  test('shows no password, neither the wrong one nor the right one', async () => {
    const { live, admin, restore } = await makeIncident(server());
    const at = `${admin.host}:${admin.port}/postgres`;
    const refused = await restore('--url', `postgres://${admin.user}:canary-of-a-password@${at}`);
    expect(refused).toMatchObject({ exitCode: 2, all: expect.stringContaining('refuses the login') as string });
    expect(refused.all).not.toContain('canary');
    const owner = await restore('--url', `postgres://${encodeURIComponent(live.user)}:${live.password}@${at}`);
    expect(owner).toMatchObject({ exitCode: 2, all: expect.stringContaining('may not create databases') as string });
    expect(owner.all).not.toContain(live.password);
  });

  test('without a manifest says that it is not compared, and does not switch', async () => {
    const { taken, restore, countNotes, others } = await makeIncident(server());
    await rm(taken.set.manifest);
    const { exitCode, all } = await restore('--switch');
    expect(all).toContain('There is no manifest');
    expect(exitCode).toBe(2);
    expect(await countNotes()).toBe(rowsLeft);
    expect(await others()).toHaveLength(1);
  });

  const moments = [
    ['while it restores', 'restoring into'],
    ['while it compares', 'with the manifest'],
    ['before the switch', 'it is equal to the manifest'],
  ];

  test.for(sampleOf(moments, () => 'moment'))(
    'killed %s, it can be run again, and the live name always answers',
    async ([, line = '']) => {
      const incident = await makeIncident(server());
      const { restore, countNotes, others } = incident;
      const watched = watch(incident);
      const child = restore('--switch');
      await seen(child, line);
      await delay(random() * 60);
      endProcess(child.pid ?? 0);
      await child;
      await watched.stop();
      expect([rowsLeft, rowsBackedUp]).toContain(await countNotes());

      const { exitCode, all } = await restore('--switch');
      expect(all).toMatch(/is the restored database now|already; nothing was done/);
      expect(exitCode).toBe(0);
      expect(await countNotes()).toBe(rowsBackedUp);
      expect(await others()).toEqual([expect.stringContaining('_before_')]);
      expect(await temporaryRoles(incident.admin)).toEqual([]);
    },
  );

  test.for([
    ['killed', 'SIGKILL'],
    ['interrupted', 'SIGINT'],
  ] as const)('%s while code of the dump runs, it leaves no role, or the next run removes it', async ([, signal]) => {
    const incident = await makeIncident(server(), { schema: slow });
    const { admin, restore } = incident;
    // Names alone are nobody's mark.
    const theirs = `restore_rehearsal_operator_${randomBytes(6).toString('hex')}`;
    await withClient(admin, (client) => client.query(`create role ${theirs}`));
    onTestFinished(async () => {
      await withClient(admin, (client) => client.query(`drop role ${theirs}`));
    });
    const child = restore();
    const roles = async () => (await temporaryRoles(admin)).filter((name) => name !== theirs);
    await expect.poll(() => napping(admin), { timeout: 60_000 }).toBe(1);
    expect(await roles()).toHaveLength(1);
    if (signal === 'SIGKILL') endProcess(child.pid ?? 0);
    else process.kill(child.pid ?? 0, signal);
    const { all } = await child;
    const left = await roles();
    if (signal === 'SIGINT') expect(left, all).toEqual([]);
    else expect(left).toHaveLength(1);
    await incident.withServer(() => Promise.resolve());
    expect(await temporaryRoles(admin)).toEqual([theirs]);
  });

  test('refuses where the server lets nobody log in but its administrator', async () => {
    const incident = await makeIncident(server());
    const { admin, restore, others } = incident;
    await onlyAdministrator(admin);
    const { exitCode, all } = await restore('--switch');
    expect(all).toMatch(/does not let the role restore_rehearsal_operator_\w+ log in.*pg_hba\.conf/s);
    expect(exitCode).toBe(2);
    expect(await others()).toEqual([]);
    expect(await temporaryRoles(admin)).toEqual([]);
  });

  test('killed between the two names, it has changed nothing', async () => {
    const incident = await makeIncident(server());
    const { live, admin, restore, countNotes, others } = incident;
    await incident.withServer(restoreBeside);
    const [restored = ''] = await others();
    await withClient(admin, async (client) => {
      await client.query(`begin; comment on database ${pg.escapeIdentifier(restored)} is 'held'`);
      const child = restore('--switch');
      // The live one has its new name by then, for the transaction alone, and the other one is waited for.
      await expect.poll(() => countWaiting(admin, live.database), { timeout: 30_000, interval: 20 }).toBe(1);
      endProcess(child.pid ?? 0);
      await child;
      expect(await countNotes()).toBe(rowsLeft);
      await client.query('rollback');
    });
    expect(await restore('--switch')).toMatchObject({ exitCode: 0 });
    expect(await countNotes()).toBe(rowsBackedUp);
  });
});

async function factsOf(admin: Connection, name: string) {
  const facts = await withClient(admin, (client) => readFacts(client, name));
  if (facts === null) throw new Error(`There is no database ${name}.`);
  const { owner, comment, connectionLimit, tablespace, encoding, grants, settings } = facts;
  const sorted = (values: object[]) => values.map((value) => JSON.stringify(value)).toSorted();
  return { owner, comment, connectionLimit, tablespace, encoding, grants: sorted(grants), settings: sorted(settings) };
}

/** Who owns what is in the schema public. */
function ownersOf(live: Connection): Promise<string[]> {
  return withClient(live, async (client) => {
    const { rows } = await client.query<{ owner: string }>(
      "select distinct pg_get_userbyid(relowner)::text as owner from pg_class where relnamespace = 'public'::regnamespace",
    );
    return rows.map(({ owner }) => owner);
  });
}

/** Asks the live database all the time. At the end, each answer was one of the old or the restored rows, and none was missing. */
function watch({ live, countNotes }: Incident): { stop: () => Promise<void> } {
  const state = { stopped: false };
  const loop = (async () => {
    while (!state.stopped) {
      try {
        expect([rowsLeft, rowsBackedUp]).toContain(await countNotes());
      } catch (error) {
        // Who waits while the names are exchanged is told so, and finds the name when it connects again.
        const told = `${String(error)} ${String((error as Error).cause)}`;
        if (!new RegExp(`database "${live.database}" does not exist|terminat|SERVER_LOST`).test(told)) throw error;
        expect([rowsLeft, rowsBackedUp]).toContain(await countNotes());
      }
      await delay(5);
    }
  })();
  loop.catch(() => undefined);
  return {
    stop: async () => {
      state.stopped = true;
      await loop;
    },
  };
}

async function seen(child: ReturnType<Incident['restore']>, line: string): Promise<void> {
  let output = '';
  while (!output.includes(line)) {
    const [chunk] = (await once(child.all, 'data')) as [Buffer];
    output += chunk.toString();
  }
}

/** Sessions that hold the name of a database for themselves, and wait for another lock. */
function countWaiting(admin: Connection, database: string): Promise<number> {
  return withClient(admin, async (client) => {
    const { rowCount } = await client.query(
      `select from pg_locks as held
      join pg_locks as wanted on wanted.pid = held.pid and not wanted.granted
      where held.mode = 'AccessExclusiveLock'
      and held.granted
      and held.objid = (select oid from pg_database where datname = $1)`,
      [database],
    );
    return rowCount ?? 0;
  });
}

/** Holds a restore up where its rows are checked. */
const slow = `
  create function nap(int) returns boolean language plpgsql as $$
    begin
      if session_user ~ '^restore_rehearsal_operator_' then perform pg_sleep(600); end if;
      return true;
    end $$;
  create table naps (id int check (public.nap(id)));
  insert into naps values (1);
  grant select on naps to public;`;

async function napping(admin: Connection): Promise<number> {
  return withClient(admin, async (client) => {
    const { rowCount } = await client.query("select from pg_stat_activity where wait_event = 'PgSleep'");
    return rowCount ?? 0;
  });
}

/** Lets nobody else log in until the test is over. */
async function onlyAdministrator(admin: Connection): Promise<void> {
  const { user } = admin;
  const [before] = await withClient(admin, async (client) => {
    const { rows } = await client.query<{ file: string; text: string }>(
      "select current_setting('hba_file') as file, pg_read_file(current_setting('hba_file')) as text",
    );
    return rows;
  });
  if (before === undefined) throw new Error('The server does not say who may log in.');
  const write = (text: string) =>
    withClient(admin, async (client) => {
      const lines = `select line from unnest(string_to_array(${pg.escapeLiteral(text)}, chr(10))) as line`;
      await client.query(`copy (${lines}) to ${pg.escapeLiteral(before.file)}`);
      await client.query('select pg_reload_conf()');
    });
  await write(`local all ${user} scram-sha-256`);
  onTestFinished(() => write(before.text));
}

/** Roles that a restore makes for a while. */
function temporaryRoles(admin: Connection): Promise<string[]> {
  return withClient(admin, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select rolname::text as name from pg_roles where rolname ~ '^restore_rehearsal_'",
    );
    return rows.map(({ name }) => name);
  });
}

async function expectNothingLeft({ workspace, admin, live }: Incident): Promise<void> {
  expect((await listLeft(workspace)).toSorted()).toEqual(['backups', 'profile.mjs']);
  expect(await findProcesses(workspace)).toEqual([]);
  const sessions = await withClient(admin, (client) =>
    client.query(
      'select from pg_stat_activity where datname is not null and pid <> pg_backend_pid() and datname <> $1',
      [live.database],
    ),
  );
  expect(sessions.rowCount).toBe(0);
  expect(await temporaryRoles(admin)).toEqual([]);
}
