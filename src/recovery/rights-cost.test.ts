import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, type Incident } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { restoreBeside } from './restore-beside.ts';
import { readRightsCost, type RightsCost } from './rights-cost.ts';
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

describeEngine('local', 'the rights that a switch would change', (engine) => {
  const server = useServer(engine);

  test('are reported of every kind, lost and gained, where ownership is left to the runbook', async () => {
    const name = 'rights';
    const incident = await makeIncident(server(), { name, schema: rightsOfEveryKind(`${name} owner`) });
    await inLive(
      incident,
      `create table created_since (id integer); grant select on created_since to "rights owner other";
      alter table notes add column added_since integer; grant select (added_since) on notes to "rights owner other";
      grant select on table pg_catalog.pg_authid to "rights owner other";
      grant usage on language plpgsql to "rights owner other" with grant option`,
    );
    const cost = await readCost(incident);
    expect(print(cost, 'lost')).toEqual([
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
      '"rights owner ""reader""": type public.small USAGE WITH GRANT OPTION',
      '"rights owner other": collation public.of_another_too OWNER',
      '"rights owner other": function public.g() OWNER',
      '"rights owner other": language plpgsql USAGE WITH GRANT OPTION',
      '"rights owner other": table pg_catalog.pg_authid SELECT',
      '"rights owner other": table public.of_another OWNER',
    ]);
    expect(print(cost, 'gained')).toEqual([
      'PUBLIC: default privileges of "rights owner" for functions EXECUTE',
      'PUBLIC: function public.f(integer) EXECUTE',
      'PUBLIC: procedure public.p() EXECUTE',
      'PUBLIC: type public.mood USAGE',
      '"rights owner": collation public.of_another_too OWNER',
      '"rights owner": function public.g() OWNER',
      '"rights owner": table public.of_another OWNER',
      '"rights owner": table public.read_only INSERT UPDATE',
    ]);
  });

  test('are none where ownership is preserved', async () => {
    const name = 'kept';
    // What takes a superuser: an object in a schema where its owner may not create, and rights on what belongs to an extension.
    const takesSuperuser = /revoke create on schema public .*$|grant usage on foreign data wrapper .*$/gm;
    const schema = rightsOfEveryKind(`${name} owner`).replace(takesSuperuser, '');
    const incident = await makeIncident(server(), { name, schema, ownership: 'preserve' });
    expect(await readCost(incident)).toEqual({ kind: 'compared', change: { lost: [], gained: [] } });
    await inLive(incident, 'revoke usage on type mood from "kept owner"');
    const cost = await readCost(incident);
    expect([print(cost, 'lost'), print(cost, 'gained')]).toEqual([[], ['"kept owner": type public.mood USAGE']]);
  });

  test('keep a restored database from being switched to, unless they are accepted', async () => {
    const incident = await makeIncident(server());
    await inLive(incident, 'grant select on notes to public');
    const switching = (accepted: boolean) =>
      incident.withServer(async (opened, request) => {
        const restored = await restoreBeside(opened, request);
        if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
        const cost = await readRightsCost(opened, restored.name);
        return switchOver(opened, restored, new Date(), { cost, accepted });
      });
    await expect(switching(false)).rejects.toMatchObject({
      code: 'RIGHTS_DIFFER',
      message: expect.stringMatching(
        /PUBLIC would lose rights\. Nothing has changed\..*--accept-lost-rights/,
      ) as string,
    });
    expect(await incident.others()).toEqual([expect.stringContaining('_restore_')]);
    expect(await switching(true)).toMatchObject({ putAside: expect.stringContaining('_before_') as string });
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

function readCost({ withServer }: Incident): Promise<RightsCost> {
  return withServer(async (opened, request) => {
    const restored = await restoreBeside(opened, request);
    if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
    return readRightsCost(opened, restored.name);
  });
}

function inLive({ admin, live }: Incident, sql: string) {
  return withClient({ ...admin, database: live.database }, (client) => client.query(sql));
}

function print(cost: RightsCost, what: 'lost' | 'gained'): string[] {
  if (cost.kind !== 'compared') throw new Error(`The rights are ${cost.kind}.`);
  const line = ({ role, objects }: RoleRights) =>
    objects.map(({ object, privileges }) => `${role ?? 'PUBLIC'}: ${object} ${privileges.join(' ')}`);
  return cost.change[what].flatMap(line);
}
