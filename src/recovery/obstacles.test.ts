import { describe, expect, inject, onTestFinished, test } from 'vitest';
import pg from 'pg';
import { makeClusters } from '../../fixtures/testing/clusters.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { connect, withClient } from '../../fixtures/testing/sessions.ts';
import { disconnect, type Connection } from '../postgres/connection.ts';
import { assertNoneFinal, findObstacles } from './obstacles.ts';

describeEngine('local', 'sessions in the way of a switch', (engine) => {
  const server = useServer(engine);

  test('are those that the role may not end; said before anything is restored', async () => {
    const { live, admin, restore, others, withServer } = await makeIncident(server());
    const operator = 'night "shift"';
    await withClient(admin, (client) =>
      client.query(`
        create role ${pg.escapeIdentifier(operator)} login createdb createrole password ${pg.escapeLiteral(admin.password)};
        grant ${pg.escapeIdentifier(live.user)} to ${pg.escapeIdentifier(operator)};
        create role "some body" login password 'own'`),
    );
    const find = (user: string) => withServer((opened) => opened.findObstacles(), { user });
    await stay(live);
    expect(await find(operator)).toEqual([]);
    const pids = [
      `${admin.user} (${await stay({ ...admin, database: live.database })})`,
      `some body (${await stay({ ...live, user: 'some body', password: 'own' })})`,
    ];
    expect(await find(admin.user)).toEqual([]);
    const said = `The role that is logged in may not end these sessions in ${live.database}, which keep it from being renamed: ${pids.join(', ')}.`;
    expect(await find(operator)).toEqual([{ isFinal: true, message: expect.stringContaining(said) as string }]);

    const url = `postgres://${encodeURIComponent(operator)}@${admin.host}:${admin.port}/postgres`;
    const switched = await restore('--url', url, '--switch');
    expect(switched).toMatchObject({ exitCode: 2, all: expect.stringContaining(said) as string });
    expect(await others()).toEqual([]);
    const beside = await restore('--url', url);
    expect(beside).toMatchObject({ exitCode: 0, all: expect.stringContaining(said) as string });
    expect(await others()).toHaveLength(1);
    expect(await restore('--url', url, '--switch')).toMatchObject({ exitCode: 2 });

    await withClient(admin, (client) => client.query(`grant pg_signal_backend to ${pg.escapeIdentifier(operator)}`));
    expect(await find(operator)).toMatchObject([{ message: expect.not.stringContaining('some body') as string }]);
  });
});

describe.skipIf(inject('skipped').local !== null)('what is in the way of a switch on a server of another make', () => {
  test('is known: prepared transactions keep it from being done, slots and subscriptions do not', async () => {
    const { start } = await makeClusters();
    const admin = await start('primary', { wal_level: 'logical', max_prepared_transactions: '5' });
    const live = { ...admin, database: 'salon' };
    await withClient(admin, (client) => client.query('create database salon'));
    const find = () => withClient(admin, (client) => findObstacles(client, 'salon'));
    expect(await find()).toEqual([]);
    await withClient(live, async (client) => {
      await client.query("select pg_create_logical_replication_slot('to_warehouse', 'test_decoding')");
      await client.query(
        "create subscription orders connection 'dbname=elsewhere' publication p with (connect = false)",
      );
      await client.query('create table notes (n int)');
    });
    const rest = [
      { isFinal: false, message: expect.stringContaining('on the disk: to_warehouse.') as string },
      { isFinal: false, message: expect.stringContaining('into it: orders.') as string },
    ];
    expect(await find()).toEqual(rest);
    expect(assertNoneFinal(await find())).toHaveLength(2);
    await withClient(live, async (client) => {
      await client.query('begin; insert into notes values (1)');
      await client.query("prepare transaction 'half done'");
    });
    expect(await find()).toEqual([
      { isFinal: true, message: expect.stringContaining('being renamed: half done.') as string },
      ...rest,
    ]);
    const thrown = () => find().then(assertNoneFinal);
    await expect(thrown()).rejects.toMatchObject({ code: 'SWITCH_FAILED' });
    await withClient(live, (client) => client.query("rollback prepared 'half done'"));
    expect(await find()).toEqual(rest);
  });
});

/** A session that does nothing, until the test is over. Resolves with its process. */
async function stay(connection: Connection): Promise<number> {
  const client = await connect(connection);
  onTestFinished(() => disconnect(client));
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}
