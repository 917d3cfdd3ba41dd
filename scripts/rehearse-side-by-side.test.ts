import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { pgbouncerVersion } from '../fixtures/testing/pgbouncers.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { runRehearse, type RehearseResult } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

describeEitherEngine('an incident that is rehearsed', (engine) => {
  test('ends with the old rows, and can be taken back; requests fail for less than 2 s', async () => {
    const result = await runRehearse({ engine, args: ['side-by-side'] });
    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    expect(passed(result)).toEqual(
      expect.arrayContaining([
        'content',
        'switch-outage',
        'application-answers',
        'live-rows-restored',
        'damage-is-back',
        'other-roles-read',
        'properties-kept',
        'left-behind-counted',
        'written-counted',
        'properties-are-back',
      ]),
    );
    const [traffic, switched, back] = ['Start traffic', 'Switch to the restored database', 'Roll back'].map(
      (name) => result.evidence?.steps.find((step) => step.name === name)?.facts,
    );
    // The application sees that its users are gone, and that they are there again: 'application-answers'.
    expect(traffic).toMatchObject({
      notAnswered: 'POST /internal/auth/resolve-role',
      clients: expect.stringMatching(
        /^GET \/health, a query, logins, a query of another role, logins of another role.*, write 1, write 2, write 3$/,
      ) as string,
    });
    if (pgbouncerVersion !== null) {
      expect(traffic?.['clients']).toContain('logins of another role through pgbouncer (transaction)');
      expect(traffic?.['clients']).toContain('a query through pgbouncer (session)');
      expect(result.evidence?.coverage.checked).toContainEqual(expect.stringContaining('through pgbouncer'));
    }
    expect(switched?.['outageMs']).toBeGreaterThan(0);
    expect(switched?.['endedSessions']).toBeGreaterThan(0);
    expect(switched).toMatchObject({ rightsLost: 0, rightsGained: 0 });
    // The damage is what the switch brings back.
    expect(switched?.['rowsBroughtBack']).toBeGreaterThan(0);
    expect(back?.['rowsWrittenSinceSwitch']).toBeGreaterThan(0);
    await expectNothingLeft(engine, result);
  });

  test('carries over the rights that roles have, and leaves the extensions of the owner with the owner', async () => {
    const schema = `
      create table notes (id integer primary key);
      insert into notes values (7);
      grant select on notes to reader;
      create function f() returns integer language sql return 1;
      revoke execute on function f() from public;
      -- A restore creates it beforehand.
      create extension hstore;`;
    const profile = {
      roles: ['reader'],
      writes: ['insert into notes select coalesce(max(id), 0) + 1 from notes'],
    };
    const config = await makeProfile(profile, { 'schema.sql': schema });
    const result = await runRehearse({ engine, args: ['side-by-side', '--config', config] });
    expect(result.evidence?.findings).toEqual([]);
    const switched = result.evidence?.steps.find(({ name }) => name === 'Switch to the restored database');
    expect(switched?.facts).toMatchObject({ rightsLost: 0, rightsGained: 0, rightsCarriedOver: 3 });
    // Each write adds a row: clients do it from the damage on, and the rehearsal once after the switch.
    expect(switched?.facts['rowsLeftBehind']).toBeGreaterThan(0);
    const back = result.evidence?.steps.find(({ name }) => name === 'Roll back');
    expect(back?.facts).toMatchObject({ rowsWrittenSinceSwitch: 1 });
    expect(result.output).toContain('verdict   verified');
    await expectNothingLeft(engine, result);
  });

  test('may be of a database with several owners, extensions, settings of its own, and no application', async () => {
    const schema = `
      create table notes (id integer primary key, text text);
      insert into notes values (7, 'one'), (8, null);
      grant select on notes to reader;
      create extension if not exists pageinspect;
      alter database "Else ""where""" set work_mem to '9MB';
      comment on database "Else ""where""" is 'of people';`;
    const profile = {
      ownership: 'preserve',
      roles: ['reader'],
      extensions: ['pageinspect'],
      writes: ["insert into notes select coalesce(max(id), 0) + 1, 'x' from notes"],
    };
    const config = await makeProfile(profile, { 'schema.sql': schema });
    const directory = await makeWorkspace({ pgbouncer: '#!/bin/sh\nexit 1\n' });
    await chmod(join(directory, 'pgbouncer'), 0o755);
    const env = { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
    const result = await runRehearse({ engine, args: ['side-by-side', '--config', config], env });
    expect(result.output).toContain('verdict   verified');
    expect(passed(result)).toEqual(expect.arrayContaining(['database-settings', 'properties-kept']));
    // A pgbouncer that does not run is none.
    expect(result.evidence?.coverage.notChecked).toContainEqual({
      what: 'clients that go through a pooler',
      why: expect.stringContaining('apt-get install pgbouncer') as string,
    });
    await expectNothingLeft(engine, result);
  });
});

function passed({ evidence }: RehearseResult): string[] {
  return (evidence?.checks ?? []).filter(({ status }) => status === 'passed').map(({ id }) => id);
}
