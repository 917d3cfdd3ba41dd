import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, rowsLeft, type Incident } from '../../fixtures/testing/incidents.ts';
import { pasteIntoPsql } from '../../fixtures/testing/psql.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { DisposableServer } from '../engine/engine.ts';
import { readMark } from './marks.ts';
import { restoreBeside } from './restore-beside.ts';
import { restorePart } from './restore-part.ts';
import { findDone } from './switch-over.ts';

const shop = `
  do $$ begin execute pg_catalog.format('set role %I', pg_catalog.current_database() || ' owner'); end $$;
  create schema "Odd ""Schema";
  create type "Odd ""Schema".mood as enum ('so so', 'it''s "good"');
  create function "Odd ""Schema".touch() returns trigger language plpgsql as 'begin return new; end';
  create table people (id integer primary key, name text);
  create table "Odd ""Schema"."it's; a
""table""" (
    "the 'key'" integer generated always as identity primary key,
    moods "Odd ""Schema".mood[],
    person integer references people,
    twice integer generated always as ("the 'key'" * 2) stored,
    day date
  );
  create trigger touched before insert on "Odd ""Schema"."it's; a
""table""" for each row execute function "Odd ""Schema".touch();
  create view seen as select * from people;
  create table keyless (word text, place point);
  create table deferred (id integer primary key deferrable, word text);
  create table events (id integer, day date not null, primary key (id, day)) partition by range (day);
  create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
  create table events_2 partition of events for values from ('2026-02-01') to ('2026-03-01');
  insert into people select i, 'p' || i from generate_series(1, 5) as i;
  insert into "Odd ""Schema"."it's; a
""table""" (moods, person, day) select array['it''s "good"', null]::"Odd ""Schema".mood[], i, '2026-02-01' from generate_series(1, 5) as i;
  insert into keyless values ('twice', '(1,2)'), ('twice', '(1,2)'), ('once', '(3,4)'), (null, null);
  insert into deferred values (1, 'a'), (2, 'b');
  insert into events select i, '2026-01-01'::date + i from generate_series(1, 40) as i;`;

const odd = '"Odd ""Schema"."it\'s; a\n""table"""';

describeEngine('local', 'a part of a backup', (engine) => {
  const server = useServer(engine);

  test('of plain SQL cannot be had, which says nothing against the backup', async () => {
    const incident = await makeIncident(server());
    const { exitCode, all } = await incident.start('--backup', await dumpPlain(server(), incident), '--table', 'notes');
    expect(exitCode).toBe(2);
    expect(all).toMatch(/Restore all of it beside the live database, without --table and --schema/);
    expect(all).not.toContain('cannot be relied on');
    expect(await incident.others()).toEqual([]);
  });

  test.for(['custom', 'directory'] as const)(
    'of format %s is only what was asked for, and comes back by the SQL that is shown',
    async (format) => {
      const incident = await makeIncident(server(), { schema: shop, format });
      const { live } = incident;
      const before = await readAll(incident);
      await asAdmin(
        incident,
        `delete from ${odd}; delete from people where id > 2; delete from keyless where ctid = '(0,1)' or word is null;
      delete from deferred where id = 1; delete from events where id > 20; drop trigger touched on ${odd};
      update people set name = 'changed' where id = 1;
      alter database ${pg.escapeIdentifier(live.database)} set datestyle to 'SQL, MDY'`,
      );
      const asked = [odd, 'people', 'public.keyless', '"deferred"', 'events'].flatMap((name) => ['--table', name]);
      const { exitCode, stdout, stderr } = await incident.restore(...asked);
      expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
      const [name = '', ...more] = await incident.others();
      expect([name, more]).toEqual([expect.stringMatching(/_part_\d{8}T\d{6}Z$/), []]);
      expect(await tablesOf(incident, name)).not.toContain('notes');
      const psql = await pasteIntoPsql(incident.admin, scriptIn(stdout), incident.workspace);
      expect(psql).toMatchObject({ exitCode: 0, stderr: '' });
      const expected = { ...before, people: before['people']?.with(0, '(1,changed)') };
      expect(await readAll(incident)).toEqual(expected);
      expect(await incident.countNotes()).toBe(rowsLeft);
      // New rows get new numbers.
      await asAdmin(incident, `insert into ${odd} (person) values (1)`);
      const again = await pasteIntoPsql(incident.admin, scriptIn(stdout), incident.workspace);
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      expect((await readAll(incident))['keyless']).toEqual(before['keyless']);
    },
  );

  test('is told from the whole, used again, and never switched to', async () => {
    const incident = await makeIncident(server(), { schema: shop });
    const { withServer, others } = incident;
    const part = (...tables: string[]) =>
      withServer((opened, request) => restorePart(opened, request, { tables, schemas: [] }));
    const first = await part('notes', 'people');
    expect(first).toMatchObject({ verdict: 'verified', reused: false, part: { leftOut: [], withoutRows: [] } });
    const [name = ''] = await others();
    expect(await part('people', 'public.notes')).toMatchObject({ verdict: 'verified', name, reused: true });
    expect(await part('notes')).toMatchObject({ name: `${name}_2`, reused: false });
    const whole = await withServer(restoreBeside);
    expect(whole).toMatchObject({ verdict: 'verified', name: expect.stringContaining('_restore_') as string });
    await asAdmin(incident, `drop database "${'name' in whole ? whole.name : ''}"`, 'postgres');
    expect(await withServer((opened, { backup }) => findDone(opened, backup.examination.sha256))).toBeNull();
    const facts = await withServer((opened) => opened.readFacts(opened.live));
    const carried = withServer((opened) => opened.carryOver(name, facts ?? expect.fail('It is gone.')));
    await expect(carried).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
    const { exitCode, stderr } = await incident.restore('--table', 'notes', '--switch');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('A part of a backup never takes the place')]);
    await asAdmin(incident, 'insert into notes (note) values ($$more$$)', name);
    expect(await part('notes', 'people')).toMatchObject({ verdict: 'different', reused: true });
    expect(await markOf(incident, name)).toMatchObject({ state: 'different', part: 'public.notes, public.people' });
  });

  test('leaves out what needs other tables, and names it', async () => {
    const incident = await makeIncident(server(), { schema: shop });
    const { stdout, exitCode } = await incident.restore('--schema', 'Odd "Schema');
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/fk constraint .*person_fkey: it needs public\.people/);
    expect(stdout).toContain('The live database holds the same rows.');
  });

  test('names the nearest tables where there is none of a name', async () => {
    const incident = await makeIncident(server(), { schema: shop });
    for (const [selection, hint] of [
      [{ tables: ['public.note'], schemas: [] }, 'nearest are public.notes'],
      [{ tables: ['shop.people'], schemas: [] }, 'nearest are public.people'],
      [{ tables: ['seen'], schemas: [] }, 'is a view'],
      [{ tables: [], schemas: ['odd'] }, 'nearest are "Odd ""Schema"'],
    ] as const) {
      const asking = incident.withServer((opened, request) => restorePart(opened, request, selection));
      await expect(asking, hint).rejects.toMatchObject({
        code: 'BAD_USAGE',
        message: expect.stringContaining(hint) as string,
      });
    }
    expect(await incident.others()).toEqual([]);
  });
});

/** What is to be pasted. */
function scriptIn(stdout: string): string {
  const lines = stdout.split('\n');
  const start = lines.findIndex((line) => line.startsWith('\\connect'));
  const end = lines.findIndex((line) => line.startsWith('\\! rm'));
  expect(
    [start, end].every((line) => line > 0),
    stdout,
  ).toBe(true);
  return lines.slice(start, end + 1).join('\n');
}

/** Rows as text, by table. */
async function readAll({ admin, live }: Incident): Promise<Record<string, string[]>> {
  return withClient({ ...admin, database: live.database }, async (client) => {
    await client.query("set datestyle to 'ISO'");
    const found: Record<string, string[]> = {};
    for (const table of [odd, 'people', 'keyless', 'deferred', 'events']) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${table} as t order by 1`);
      found[table] = rows.map(({ row }) => row);
    }
    return found;
  });
}

async function tablesOf({ admin }: Incident, database: string): Promise<string[]> {
  return withClient({ ...admin, database }, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select relname::text as name from pg_class where relkind = 'r'",
    );
    return rows.map(({ name }) => name);
  });
}

async function markOf({ admin }: Incident, database: string) {
  const { rows } = await withClient(admin, (client) =>
    client.query<{ comment: string }>(
      "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1",
      [database],
    ),
  );
  return readMark(rows[0]?.comment ?? null);
}

function asAdmin({ admin, live }: Incident, sql: string, database = live.database) {
  return withClient({ ...admin, database }, (client) => client.query(sql));
}

async function dumpPlain(server: DisposableServer, { live, workspace }: Incident): Promise<string> {
  const file = join(workspace, 'shop.sql');
  const { exitCode, stdout } = await server.runTool({ tool: 'pg_dump', args: [], timeoutMs: 60_000, ...live });
  expect(exitCode).toBe(0);
  await writeFile(file, stdout);
  return file;
}
