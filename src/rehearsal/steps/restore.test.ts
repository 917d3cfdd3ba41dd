import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serveDrill } from '../../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../../fixtures/testing/engines.ts';
import { useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import type { ProfileInput } from '../../config/profile.ts';
import { createDatabase } from '../../postgres/database.ts';
import { dumpDatabase } from '../../postgres/dump.ts';
import { createOperator } from '../../postgres/operator.ts';
import { openSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { toolLimits } from '../limits.ts';
import { snapshotOptions } from '../snapshot-options.ts';
import { asRestored, RestoreSite } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import { compareWithReference } from './compare.ts';
import type { TakenDump } from './dump.ts';
import { restoreDump } from './restore.ts';

/** A source that a superuser filled, and its dump. */
interface Filled {
  served: ServedDatabase;
  reference: OpenSnapshot;
  dump: TakenDump;
}

describeEitherEngine('a restore with owners and privileges', (engine) => {
  const server = useServer(engine);

  test('needs no superuser where objects belong to several roles', async () => {
    const filled = await fill({ database: { name: 'several', owner: 'several_owner' } }, (role) => [
      `create role ${role.a} noinherit; create role ${role.b}; create role ${role.c}; grant ${role.b} to ${role.a}`,
      `create schema app authorization ${role.a}`,
      `grant create, usage on schema app to ${role.b}`,
      'create table app.notes (id serial primary key, text text)',
      `alter table app.notes owner to ${role.b}`,
      "insert into app.notes (text) values ('one')",
      `create type app.mood as enum ('good'); alter type app.mood owner to ${role.b}`,
      `create view app.seen as select * from app.notes; alter view app.seen owner to ${role.b}`,
      `create materialized view app.kept as select * from app.notes; alter materialized view app.kept owner to ${role.b}`,
      `create function app.one() returns int language sql security definer as 'select 1'; alter function app.one() owner to ${role.b}`,
      `alter table app.notes enable row level security; create policy own on app.notes to ${role.c} using (id > 0)`,
      `grant select (id), update (text) on app.notes to ${role.c} with grant option`,
      `alter default privileges for role ${role.a} in schema app grant select on tables to ${role.c}`,
      `select pg_catalog.lo_create(4711); alter large object 4711 owner to ${role.b}`,
      `create publication changes for table app.notes; alter publication changes owner to several_owner`,
      'create extension pgcrypto schema app',
    ]);
    expect(await restoreAndCompare(filled)).toEqual([]);
    await withClient(server().admin, async (client) => {
      const { rows } = await client.query('select from pg_roles where rolname = $1', [
        filled.served.drill.logins.operator.user,
      ]);
      expect(rows).toEqual([]);
    });
  });

  test('needs no superuser where the owner is one, as POSTGRES_USER of the official image is', async () => {
    const filled = await fill({ database: { name: 'grand', owner: 'grand_owner' } }, (role) => [
      `create role ${role.a} superuser createrole; alter role grand_owner superuser createrole replication`,
      'create table notes (id serial primary key, text text); alter table notes owner to grand_owner',
      `create view seen as select * from notes; alter view seen owner to ${role.a}`,
      "create function one() returns int language sql security definer as 'select 1'; alter function one() owner to grand_owner",
    ]);
    expect(await restoreAndCompare(filled)).toEqual([]);
    await withClient(server().admin, async (client) => {
      const { rows } = await client.query(
        "select rolname as name, rolsuper as all, rolreplication as wal from pg_roles where rolname ~ '^grand_' order by 1",
      );
      expect(rows).toEqual([
        { name: 'grand_a', all: true, wal: false },
        { name: 'grand_owner', all: true, wal: true },
      ]);
    });
  });

  test.each([
    [
      'a base type',
      'create type shell; create function f(cstring) returns shell language internal immutable strict as $$int4in$$',
    ],
    ['a leakproof function', "create function f() returns int language sql leakproof as 'select 1'"],
    ['a foreign-data wrapper', 'create foreign data wrapper w'],
    [
      'an object of the superuser',
      "create function f() returns int language sql as 'select 1'; alter function f() owner to rehearsal_admin",
    ],
  ])('needs the profile’s leave for %s', async (what, sql) => {
    const name = what.replace(/\W/g, '_');
    const database = { name, owner: `${name}_owner` };
    const filled = await fill({ database }, () => [sql]);
    expect(await restoreAndCompare(filled)).toContainEqual(
      expect.objectContaining({
        rule: 'PERMISSION_DENIED',
        severity: 'error',
        remedy: expect.stringContaining('restoreAs: "superuser"') as string,
      }),
    );
    const { drill } = filled.served;
    const trusting = drill.with({ profile: { ...drill.profile, restoreAs: 'superuser' } });
    expect(await restoreAndCompare({ ...filled, served: filled.served.of(trusting) })).toEqual([
      expect.objectContaining({ rule: 'RESTORED_AS_SUPERUSER', severity: 'warning' }),
    ]);
  });

  test('is done by a role that comes to no rights over the server', async () => {
    const owner = { name: 'mighty', owner: 'mighty_owner' };
    const filled = await fill({ database: owner }, (role) => [
      `create role ${role.a} createrole; create role ${role.b}; grant ${role.a} to ${role.b}`,
      `create role ${role.c}; grant pg_execute_server_program to ${role.c}; create role mighty_plain`,
    ]);
    const { asOwner, drill } = filled.served;
    await using operator = await createOperator(server().admin, asOwner, drill.logins.operator);
    await withClient(operator.connection, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        "select rolname as name from pg_roles where pg_has_role(oid, 'member') and rolname ~ 'mighty|^pg_' order by 1",
      );
      expect(rows.map(({ name }) => name)).toEqual(['mighty_owner', 'mighty_plain', 'pg_database_owner']);
    });
  });

  async function fill(
    profile: Partial<ProfileInput> & { database: ProfileInput['database'] },
    statements: (role: { a: string; b: string; c: string }) => string[],
  ): Promise<Filled> {
    const served = await serveDrill(server(), { ownership: 'preserve', ...profile });
    const { run } = served.drill;
    onTestFinished(async () => {
      await run.dispose();
    });
    const { name } = profile.database;
    const roles = { a: `${name}_a`, b: `${name}_b`, c: `${name}_c` };
    await withClient(served.asAdmin, async (client) => {
      for (const sql of statements(roles)) await client.query(sql);
    });
    const reference = await run.use('reference', await openSnapshot(served.asReader, snapshotOptions(served)));
    const { exitCode, stderr, ...dump } = await dumpDatabase(
      server(),
      served.asAdmin,
      reference.id,
      join(run.directory, 'x.dump'),
      toolLimits(served.drill),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return { served, reference, dump: { ...dump, source: reference.snapshot } };
  }

  let copies = 0;

  async function restoreAndCompare({ served, reference, dump }: Filled) {
    const { drill } = served;
    const say = () => undefined;
    const site = new RestoreSite(served, `copy ${(copies += 1)}`);
    await createDatabase(server().admin, site.asOwner);
    const restoration = await restoreDump(drill, { site, dump }, say);
    const compared = await compareWithReference(drill, { restored: asRestored(site), reference, dump }, say);
    return [...(restoration.findings ?? []), ...(compared.findings ?? [])];
  }
});
