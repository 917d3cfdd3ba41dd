import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { connect, withClient } from '../../fixtures/testing/sessions.ts';
import { disconnect } from '../postgres/connection.ts';
import { exchange, type Move } from './exchange.ts';

describeEngine('local', 'an exchange of names', (engine) => {
  const server = useServer(engine);
  const ask = (sql: string, values: unknown[] = []) =>
    withClient(server().admin, async (client) => (await client.query<{ oid: string; name: string }>(sql, values)).rows);
  const readNames = (...oids: string[]) =>
    ask('select oid::text, datname::text as name from pg_database where oid = any ($1::oid[]) order by oid', [oids]);

  /** Two sessions of the role that exchanges, until the test is over. */
  async function openSessions(): Promise<[pg.Client, pg.Client]> {
    const clients = await Promise.all([connect(server().admin), connect(server().admin)]);
    onTestFinished(async () => {
      for (const client of clients) await disconnect(client);
    });
    return clients;
  }

  /** Puts one database aside, and another one in its place. */
  async function planMoves(): Promise<[Move, Move]> {
    const [live, restored] = [await createTestDatabase(server()), await createTestDatabase(server())];
    const oidOf = async (name: string) =>
      (await ask('select oid::text from pg_database where datname = $1', [name]))[0]?.oid ?? '';
    const { database } = live;
    return [
      { oid: await oidOf(database), from: database, to: `${database} before`, comment: null },
      { oid: await oidOf(restored.database), from: restored.database, to: database, comment: 'live' },
    ];
  }

  test('happens as a whole, and says how long others waited', async () => {
    const [admin, helper] = await openSessions();
    const moves = await planMoves();
    const { lockedMs, endedSessions } = await exchange(admin, helper, moves);
    expect(lockedMs).toBeGreaterThanOrEqual(0);
    expect(endedSessions).toBe(0);
    expect((await readNames(...moves.map(({ oid }) => oid))).map(({ name }) => name)).toEqual(
      moves.map(({ to }) => to),
    );
  });

  test.each([0, 1])(
    'is given up soon where somebody holds database %i of the two: who connects meanwhile waits',
    async (held) => {
      const [admin, helper] = await openSessions();
      const moves = await planMoves();
      const before = await readNames(...moves.map(({ oid }) => oid));
      const [holder] = await openSessions();
      await holder.query(`begin; comment on database ${pg.escapeIdentifier(moves[held]?.from ?? '')} is 'held'`);
      await expect(exchange(admin, helper, moves, 300)).rejects.toMatchObject({
        code: 'SWITCH_FAILED',
        message: expect.stringMatching(
          /could not be exchanged within 0\.3 s, because .* holds a lock .*Nothing has changed/,
        ) as string,
      });
      await holder.query('rollback');
      expect(await readNames(...moves.map(({ oid }) => oid))).toEqual(before);
      // Nobody waits for it any more.
      await exchange(admin, helper, moves, 300);
    },
  );

  test('is not made of databases that got the names since', async () => {
    const [admin, helper] = await openSessions();
    const moves = await planMoves();
    const [aside, restored] = moves;
    // Somebody has exchanged them already, by hand.
    await ask(`alter database ${pg.escapeIdentifier(aside.from)} rename to "of somebody"`);
    await ask(`create database ${pg.escapeIdentifier(aside.from)}`);
    const names = await ask('select oid::text, datname::text as name from pg_database order by oid');
    await expect(exchange(admin, helper, [aside, restored], 300)).rejects.toMatchObject({
      code: 'SWITCH_FAILED',
      message: 'Databases have been renamed or dropped meanwhile. Nothing has changed.',
    });
    expect(await ask('select oid::text, datname::text as name from pg_database order by oid')).toEqual(names);
  });
});
