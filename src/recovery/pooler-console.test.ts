import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, rowsLeft, type Incident } from '../../fixtures/testing/incidents.ts';
import { pgbouncerVersion, startPgbouncer } from '../../fixtures/testing/pgbouncers.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { findFreePort } from '../system/free-port.ts';
import { PoolerConsole } from './pooler-console.ts';

describe.skipIf(pgbouncerVersion === null)('behind pgbouncer', () => {
  describeEngine('local', 'a switch', (engine) => {
    const server = useServer(engine);

    test.for(sampleOf(['transaction', 'session'], () => 'mode'))(
      'lets clients of a pool of %ss wait, and none fails twice',
      async (mode) => {
        const incident = await makeIncident(server());
        const port = await startPgbouncer(incident.live, [`pool_mode = ${mode}`]);
        const client = startClient(incident, port);
        await client.answered();

        const console = `postgres://${encodeURIComponent(incident.live.user)}@127.0.0.1:${port}/pgbouncer`;
        const switched = await incident.restore('--switch', '--pooler', console);
        expect(switched.all).toContain('is the restored database now');
        expect(switched.all).toMatch(/take it back .*--rollback .*--pooler |take it back .*--pooler .*--rollback/);
        await client.sees(rowsBackedUp);
        expect((await incident.restore('--rollback', '--pooler', console)).exitCode).toBe(0);
        await client.sees(rowsLeft);

        const { answers, failures, longestMs } = await client.stop();
        expect(answers).toBeGreaterThan(10);
        // Of a session that was open: once for each exchange.
        expect(failures).toBeLessThanOrEqual(2);
        // Without the pause, pgbouncer lets them wait for server_login_retry, which is 15 s; sessions are not waited for.
        expect(longestMs).toBeLessThan(3000);
      },
    );

    test('lets clients go on whose run was killed', async () => {
      const { live } = await makeIncident(server());
      const port = await startPgbouncer(live, ['pool_mode = transaction']);
      const through = new pg.Client({ ...live, port });
      await through.connect();
      onTestFinished(() => through.end().catch(() => undefined));
      await through.query('select 1');
      const console = { ...live, port, database: 'pgbouncer' };
      const admin = new pg.Client(console);
      await admin.connect();
      await admin.query(`PAUSE ${pg.escapeIdentifier(live.database)}`);
      await admin.end();
      const answer = through.query('select 1').then(() => 'answered');
      expect(await Promise.race([answer, delay(500, 'waits')])).toBe('waits');
      expect(await new PoolerConsole(console, live.database).resumeLeft()).toEqual([live.database]);
      expect(await answer).toBe('answered');
      expect(await new PoolerConsole(console, live.database).resumeLeft()).toEqual([]);
    });

    test('is not begun where the console does not answer', async () => {
      const { restore, others } = await makeIncident(server());
      const nowhere = `postgres://stranger@127.0.0.1:${await findFreePort()}/pgbouncer`;
      const refused = await restore('--switch', '--pooler', nowhere);
      expect(refused.all).toMatch(/The admin console of pgbouncer at stranger@.* does not answer: .*admin_users\./);
      expect(refused.exitCode).toBe(2);
      expect(await others()).toEqual([]);
    });
  });
});

/** A client that asks for the rows again and again, and connects anew at once when it is sent away. */
function startClient({ live }: Incident, port: number) {
  const state = { stopped: false, answers: 0, failures: 0, longestMs: 0, seen: -1 };
  const work = (async () => {
    let client: pg.Client | null = null;
    let askedAt = performance.now();
    while (!state.stopped) {
      try {
        if (client === null) {
          client = new pg.Client({ ...live, port });
          client.on('error', () => undefined);
          await client.connect();
        }
        const { rows } = await client.query<{ n: number }>('select count(*)::int as n from public.notes');
        state.seen = rows[0]?.n ?? -1;
        state.answers += 1;
        state.longestMs = Math.max(state.longestMs, performance.now() - askedAt);
        askedAt = performance.now();
        await delay(5);
      } catch {
        state.failures += 1;
        await client?.end().catch(() => undefined);
        client = null;
        await delay(5);
      }
    }
    await client?.end().catch(() => undefined);
  })();
  const stop = async () => {
    state.stopped = true;
    await work;
    return state;
  };
  onTestFinished(async () => {
    await stop();
  });
  return {
    stop,
    answered: () => expect.poll(() => state.answers, { timeout: 20_000 }).toBeGreaterThan(0),
    sees: (rows: number) => expect.poll(() => state.seen, { timeout: 30_000 }).toBe(rows),
  };
}
