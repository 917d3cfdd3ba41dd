import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, type Incident } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Connection } from '../postgres/connection.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { restoreBeside, type RestoredBeside } from './restore-beside.ts';
import { carryRights, readRightsCost, type RightsCost } from './rights-cost.ts';
import type { RoleRights } from './rights.ts';
import { switchOver } from './switch-over.ts';

/** One right of each kind for a role of an odd name, one object of each kind that belongs to another one, and what PUBLIC has not. */
function rightsOfEveryKind(owner: string): string {
  const [other, reader] = [`${owner} other`, `${owner} "reader"`].map((name) => pg.escapeIdentifier(name)) as [
    string,
    string,
  ];
  return `
    create extension postgres_fdw;
    create role ${other};
    create role ${reader};
    grant usage on foreign data wrapper postgres_fdw to ${reader};
    -- Whoever takes the backup has to see all of it.
    grant ${other} to ${pg.escapeIdentifier(owner)};
    grant create on schema public to ${pg.escapeIdentifier(owner)}, ${other};
    set role ${pg.escapeIdentifier(owner)};
    create table "a ""table""" (id integer, "the column" integer);
    grant select on "a ""table""" to ${reader} with grant option;
    grant update ("the column") on "a ""table""" to ${reader};
    create view seen as select 1 as one;
    grant select on seen to public;
    create table partitioned (id integer) partition by range (id);
    grant insert on partitioned to ${reader};
    create sequence counter;
    grant usage on sequence counter to ${reader};
    reset role;
    create schema inner_rooms authorization ${pg.escapeIdentifier(owner)};
    set role ${pg.escapeIdentifier(owner)};
    grant usage on schema inner_rooms to ${reader};
    alter default privileges in schema inner_rooms grant select on tables to ${reader};
    alter default privileges grant usage on sequences to ${reader};
    alter default privileges revoke execute on functions from public;
    create function f(integer) returns integer language sql return $1;
    revoke execute on function f(integer) from public;
    grant execute on function f(integer) to ${reader};
    create procedure p() language sql begin atomic select 1; end;
    create type mood as enum ('well');
    revoke usage on type mood from public;
    create domain small as integer;
    grant usage on domain small to ${reader} with grant option;
    create table read_only (id integer);
    revoke insert, update on read_only from ${pg.escapeIdentifier(owner)};
    select lo_create(4711);
    grant select on large object 4711 to ${reader};
    reset role;
    set role ${other};
    create table of_another (id integer);
    create function g() returns integer language sql return 1;
    create collation of_another_too (locale = 'C');
    reset role;
    revoke create on schema public from ${other};`;
}

/** Of two roles that have granted the same, one lets it be passed on. A dump that preserves this takes a superuser to be restored. */
const severalGrantors = `
  grant select on read_only to "rights owner other" with grant option;
  grant select on read_only to "rights owner ""reader""" with grant option;
  set role "rights owner ""reader""";
  grant select on public.read_only to "rights owner other";
  reset role`;

describeEngine('local', 'the rights that a switch would change', (engine) => {
  const server = useServer(engine);

  test('are reported of every kind, lost and gained, where ownership is left to the runbook', async () => {
    const name = 'rights';
    const incident = await makeIncident(server(), {
      name,
      schema: rightsOfEveryKind(`${name} owner`) + severalGrantors,
    });
    await inLive(
      incident,
      `create table created_since (id integer); grant select on created_since to "rights owner other";
      alter table notes add column added_since integer; grant select (added_since) on notes to "rights owner other";
      grant select on table pg_catalog.pg_authid to "rights owner other";
      grant usage on language plpgsql to "rights owner other" with grant option`,
    );
    const cost = await readCost(incident);
    expect(print(cost, 'carried', 'lost')).toEqual([
      'PUBLIC: view public.seen SELECT',
      '"rights owner ""reader""": default privileges of "rights owner" for sequences USAGE',
      '"rights owner ""reader""": default privileges of "rights owner" for tables in inner_rooms SELECT',
      '"rights owner ""reader""": foreign-data wrapper postgres_fdw USAGE',
      '"rights owner ""reader""": large object 4711 SELECT',
      '"rights owner ""reader""": schema inner_rooms USAGE',
      '"rights owner ""reader""": sequence public.counter USAGE',
      '"rights owner ""reader""": sequence public.notes_id_seq USAGE',
      '"rights owner ""reader""": table column public."a ""table"""."the column" UPDATE',
      '"rights owner ""reader""": table public."a ""table""" SELECT WITH GRANT OPTION',
      '"rights owner ""reader""": table public.partitioned INSERT',
      '"rights owner ""reader""": table public.read_only SELECT WITH GRANT OPTION',
      '"rights owner ""reader""": type public.small USAGE WITH GRANT OPTION',
      '"rights owner other": language plpgsql USAGE WITH GRANT OPTION',
      '"rights owner other": table pg_catalog.pg_authid SELECT',
      '"rights owner other": table public.read_only SELECT WITH GRANT OPTION',
    ]);
    expect(print(cost, 'carried', 'gained')).toEqual([
      'PUBLIC: default privileges of "rights owner" for functions EXECUTE',
      'PUBLIC: function public.f(integer) EXECUTE',
      'PUBLIC: procedure public.p() EXECUTE',
      'PUBLIC: type public.mood USAGE',
      '"rights owner": table public.read_only INSERT UPDATE',
    ]);
    expect(print(cost, 'change', 'lost')).toEqual([
      '"rights owner other": collation public.of_another_too OWNER',
      '"rights owner other": function public.g() OWNER',
      '"rights owner other": table public.of_another OWNER',
    ]);
    expect(print(cost, 'change', 'gained')).toEqual([
      '"rights owner": collation public.of_another_too OWNER',
      '"rights owner": function public.g() OWNER',
      '"rights owner": table public.of_another OWNER',
    ]);
    // Who owned an object can do with it what could be granted.
    const left = await carry(incident);
    expect([print(left, 'change', 'lost'), print(left, 'change', 'gained')]).toEqual([
      print(cost, 'change', 'lost'),
      print(cost, 'change', 'gained'),
    ]);
    const again = await readCost(incident);
    expect([print(again, 'carried', 'lost'), print(again, 'carried', 'gained')]).toEqual([[], []]);
  });

  test('are none where ownership is preserved', async () => {
    const name = 'kept';
    // What takes a superuser: an object in a schema where its owner may not create, and rights on what belongs to an extension.
    const takesSuperuser = /revoke create on schema public .*$|grant usage on foreign data wrapper .*$/gm;
    const schema = rightsOfEveryKind(`${name} owner`).replace(takesSuperuser, '');
    const incident = await makeIncident(server(), { name, schema, ownership: 'preserve' });
    const none = { lost: [], gained: [] };
    expect(await readCost(incident)).toEqual({ kind: 'compared', change: none, carried: none });
    await inLive(incident, 'revoke usage on type mood from "kept owner"');
    const cost = await carry(incident);
    expect(print(cost, 'carried', 'gained')).toEqual(['"kept owner": type public.mood USAGE']);
    expect(cost).toMatchObject({ change: none });
    // It has other rights than its manifest says, and is verified all the same.
    expect(await readCost(incident)).toEqual({ kind: 'compared', change: none, carried: none });
  });

  test.for(['runbook', 'preserve'] as const)(
    'are none where the owner has created an extension, ownership: %s',
    async (ownership) => {
      const name = `extensions ${ownership}`;
      const schema = `
        grant create on database ${pg.escapeIdentifier(name)} to ${pg.escapeIdentifier(`${name} owner`)};
        create extension postgres_fdw;
        set role ${pg.escapeIdentifier(`${name} owner`)};
        create extension hstore;
        create extension btree_gist;
        reset role`;
      const incident = await makeIncident(server(), { name, schema, ownership });
      expect(await readCost(incident)).toMatchObject({ kind: 'compared', change: { lost: [], gained: [] } });
    },
  );

  test('keep a restored database from being switched to, unless they are accepted', async () => {
    const incident = await makeIncident(server());
    const keeper = pg.escapeIdentifier(`keeper of ${incident.live.database}`);
    await inLive(incident, `create role ${keeper}; alter table notes owner to ${keeper}`);
    const switching = (accepted: boolean) =>
      withRestored(incident, async (opened, restored) => {
        const cost = await carryRights(opened, restored.name);
        return switchOver(opened, restored, new Date(), { cost, accepted });
      });
    await expect(switching(false)).rejects.toMatchObject({
      code: 'RIGHTS_DIFFER',
      message: expect.stringMatching(
        /keeper of [^ ]+ would lose rights.*Nothing has changed in .*--accept-differences/,
      ) as string,
    });
    expect(await incident.others()).toEqual([expect.stringContaining('_restore_')]);
    expect(await switching(true)).toMatchObject({ putAside: expect.stringContaining('_before_') as string });
  });

  test('stay as they are where the role in --url may not grant them, which is said', async () => {
    const incident = await makeIncident(server());
    const { admin, live } = incident;
    const poor = `poor_${live.database}`;
    await withClient(admin, (client) =>
      client.query(
        `create role ${pg.escapeIdentifier(poor)} login createdb createrole password 'p' in role ${pg.escapeIdentifier(live.user)}, pg_read_all_data`,
      ),
    );
    await inLive(
      incident,
      'grant select on table pg_catalog.pg_authid to pg_monitor; grant select on notes to pg_monitor',
    );
    const cost = await withRestored(incident, (opened, restored) => carryRights(opened, restored.name), {
      user: poor,
      password: 'p',
    });
    expect(print(cost, 'carried', 'lost')).toEqual([
      'pg_monitor: table pg_catalog.pg_authid SELECT',
      'pg_monitor: table public.notes SELECT',
    ]);
    expect(print(cost, 'change', 'lost')).toEqual(['pg_monitor: table pg_catalog.pg_authid SELECT']);
  });

  test('are not known where the live database lets nobody in, and none where it is gone', async () => {
    const incident = await makeIncident(server());
    const { admin, live } = incident;
    const database = pg.escapeIdentifier(live.database);
    await withClient(admin, (client) => client.query(`alter database ${database} allow_connections false`));
    expect(await readCost(incident)).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('is closed: it lets nobody in') as string,
    });
    await withClient(admin, (client) => client.query(`drop database ${database} with (force)`));
    expect(await readCost(incident)).toEqual({ kind: 'no-live' });
  });
});

type Verified = Extract<RestoredBeside, { name: string }>;

function withRestored<T>(
  { withServer }: Incident,
  use: (opened: RecoveryServer, restored: Verified) => Promise<T>,
  as?: Partial<Connection>,
): Promise<T> {
  return withServer(async (opened, request) => {
    const restored = await restoreBeside(opened, request);
    if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
    return use(opened, restored);
  }, as);
}

function readCost(incident: Incident): Promise<RightsCost> {
  return withRestored(incident, (opened, { name }) => readRightsCost(opened, name));
}

function carry(incident: Incident): Promise<RightsCost> {
  return withRestored(incident, (opened, { name }) => carryRights(opened, name));
}

function inLive({ admin, live }: Incident, sql: string) {
  return withClient({ ...admin, database: live.database }, (client) => client.query(sql));
}

function print(cost: RightsCost, part: 'change' | 'carried', what: 'lost' | 'gained'): string[] {
  if (cost.kind !== 'compared') throw new Error(`The rights are ${cost.kind}.`);
  const line = ({ role, objects }: RoleRights) =>
    objects.map(({ object, privileges }) => `${role ?? 'PUBLIC'}: ${object} ${privileges.join(' ')}`);
  return cost[part][what].flatMap(line);
}
