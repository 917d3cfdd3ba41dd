import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, rowsLeft, type Incident } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { restoreBeside } from './restore-beside.ts';
import { readRightsCost } from './rights-cost.ts';
import { findDone, rollBack, switchOver } from './switch-over.ts';

describeEngine('local', 'a backup restored beside the live database', (engine) => {
  const server = useServer(engine);

  test('of a directory brings back a database that is gone, and knows that it has', async () => {
    const incident = await makeIncident(server(), { format: 'directory' });
    const { live, withServer, countNotes, others } = incident;
    await asAdmin(incident, `drop database ${pg.escapeIdentifier(live.database)} with (force)`);
    await restoreAndSwitch(incident);
    expect(await countNotes()).toBe(rowsBackedUp);
    expect(await others()).toEqual([]);
    const again = await withServer((opened, { backup }) => findDone(opened, backup.examination.sha256));
    expect(again).toEqual({ kept: null });
    const back = withServer((opened) => rollBack(opened, new Date()));
    await expect(back).rejects.toMatchObject({ code: 'NOTHING_KEPT' });
  });

  test('does not touch a database that has its name by chance', async () => {
    const incident = await makeIncident(server());
    const { withServer, countNotes, others } = incident;
    await withServer(restoreBeside);
    const [name = ''] = await others();
    for (const comment of ["'of somebody else'", 'null']) {
      await asAdmin(incident, `comment on database ${pg.escapeIdentifier(name)} is ${comment}`);
      await expect(withServer(restoreBeside)).rejects.toMatchObject({ code: 'DATABASE_NAME_TAKEN' });
      await expect(
        withServer((opened) => opened.dropUnfinished(name, incident.taken.manifest.sha256)),
      ).rejects.toMatchObject({
        code: 'NOT_DISPOSABLE',
      });
      expect(await countNotes(name)).toBe(rowsBackedUp);
    }
  });

  test('is made anew where its maker was ended before it could mark the database', async () => {
    const incident = await makeIncident(server());
    const { withServer, others, live } = incident;
    await withServer(restoreBeside);
    const [name = ''] = await others();
    const half = pg.escapeIdentifier(name);
    await asAdmin(incident, `drop database ${half}`);
    await asAdmin(incident, `create database ${half} allow_connections false connection limit 1715517`);
    const restored = await withServer(restoreBeside);
    expect(restored).toMatchObject({ verdict: 'verified', reused: false, name });
    expect(restored).toMatchObject({ facts: { owner: live.user } });
  });

  test('is gone again where it cannot be restored', async () => {
    const incident = await makeIncident(server(), {
      schema: 'create role gone; create schema other authorization gone',
      ownership: 'preserve',
    });
    await asAdmin(incident, 'reassign owned by gone to current_user', incident.live.database);
    await asAdmin(incident, 'drop role gone');
    await expect(incident.withServer(restoreBeside)).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(/role "gone" does not exist.*pg_dumpall/s) as string,
    });
    expect(await incident.others()).toEqual([]);
  });

  test('does with the rights to create databases and roles and to act for the owner', async () => {
    const incident = await makeIncident(server());
    const { live, withServer, countNotes, others } = incident;
    const login = { user: `${live.user} helper`, password: 'p' };
    const helper = pg.escapeIdentifier(login.user);
    await asAdmin(incident, `create role ${helper} login password 'p'`);
    const lacking = withServer(restoreBeside, login);
    await expect(lacking).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringMatching(/may not create databases.*may not create the role.*is no member of/) as string,
    });
    expect(await others()).toEqual([]);
    await asAdmin(
      incident,
      `alter role ${helper} createdb createrole; grant ${pg.escapeIdentifier(live.user)} to ${helper}`,
    );
    await withClient(live, async () => {
      await restoreAndSwitch(incident, login);
    });
    expect(await countNotes()).toBe(rowsBackedUp);
  });

  test('stays where it is while the live name is locked', async () => {
    const incident = await makeIncident(server());
    const { live, countNotes, others } = incident;
    await withClient(incident.admin, async (client) => {
      await client.query(`begin; comment on database ${pg.escapeIdentifier(live.database)} is 'held'`);
      await expect(restoreAndSwitch(incident)).rejects.toMatchObject({
        code: 'SWITCH_FAILED',
        message: expect.stringContaining('Nothing has changed.') as string,
      });
    });
    expect(await countNotes()).toBe(rowsLeft);
    expect(await others()).toEqual([expect.stringContaining('_restore_')]);
  });

  test('can be switched to once more after a rollback, and after a second incident', async () => {
    const incident = await makeIncident(server());
    const { live, withServer, countNotes, others } = incident;
    await restoreAndSwitch(incident);
    await withServer((opened) => rollBack(opened, new Date()));
    expect(await countNotes()).toBe(rowsLeft);
    // What was live for a while may have changed: it is put aside under its old name, and the backup restored under another.
    await restoreAndSwitch(incident);
    expect(await countNotes()).toBe(rowsBackedUp);
    await withClient(live, (client) => client.query('truncate notes'));
    expect(await withServer((opened, { backup }) => findDone(opened, backup.examination.sha256))).not.toBeNull();
    await withServer(restoreBeside);
    expect(await withServer((opened, { backup }) => findDone(opened, backup.examination.sha256))).toBeNull();
    await restoreAndSwitch(incident);
    expect(await countNotes()).toBe(rowsBackedUp);
    expect(await others()).toHaveLength(3);
    // The last switch is taken back once, and what was live before it is named.
    await withServer((opened) => rollBack(opened, new Date()));
    expect(await countNotes()).toBe(0);
    const again = await withServer((opened) => rollBack(opened, new Date()));
    expect(again).toMatchObject({ done: expect.any(String) as string });
    expect(await countNotes()).toBe(0);
    const first = again.others.map(({ name }) => name);
    expect(first).toEqual([expect.stringContaining('_before_')]);
    const { others: more } = await withServer((opened) => rollBack(opened, new Date(), first[0]));
    expect(await countNotes()).toBe(rowsLeft);
    expect(more).toEqual([]);
    expect(await others()).toHaveLength(3);
  });
});

function restoreAndSwitch({ withServer }: Incident, as?: Parameters<Incident['withServer']>[1]) {
  return withServer(async (opened, request) => {
    const restored = await restoreBeside(opened, request);
    if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
    const cost = await readRightsCost(opened, restored.name);
    return switchOver(opened, restored, new Date(), { cost, accepted: false });
  }, as);
}

function asAdmin({ admin }: Incident, sql: string, database = admin.database) {
  return withClient({ ...admin, database }, (client) => client.query(sql));
}
