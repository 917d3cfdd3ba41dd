import { expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { makeIncident } from '../../fixtures/testing/incidents.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { restoreTimeoutMs } from '../restore/time-limit.ts';
import { restoreBeside } from './restore-beside.ts';

const waits = 'perform pg_catalog.pg_sleep(600)';
const loops = 'loop null; end loop';
const beside = "pg_catalog.current_database() like '%\\_restore\\_%'";

/** A table whose index calls a function, which never comes back where a condition holds. */
function hang(how: string, where: string): string {
  return `
    create function hang(n int) returns int immutable language plpgsql as $$
      begin if ${where} then ${how}; end if; return n; end $$;
    create table slow (n int);
    create index slow_n on slow (hang(n));
    insert into slow values (1);
    grant select on slow to public;`;
}

describeEngine('local', 'a dump whose own code never ends', (engine) => {
  const server = useServer(engine);

  test.for([
    ['waits while an index is built', hang(waits, beside), 'TOOL_TIMED_OUT', /was still at: CREATE INDEX slow_n /],
    ['loops while an index is built', hang(loops, beside), 'TOOL_TIMED_OUT', /was still at: CREATE INDEX slow_n /],
    [
      'waits while statistics are gathered',
      hang(waits, `${beside} and pg_catalog.current_query() = 'analyze'`),
      'SOURCE_TIMED_OUT',
      /statement timeout/,
    ],
  ] as const)('is ended after a limit, and nothing of it is left: %s', async ([, schema, code, message]) => {
    const { withServer, others, admin } = await makeIncident(server(), { schema });
    const said: string[] = [];
    const restored = withServer((opened, request) =>
      restoreBeside(opened, { ...request, limits: { timeoutMs: 5000 }, say: (what) => said.push(what) }),
    );
    await expect(restored).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(said).toContainEqual(expect.stringContaining('ended where that takes longer than 5s'));
    expect(await others()).toEqual([]);
    const { rows } = await withClient(admin, (client) =>
      client.query("select from pg_stat_activity where datname like '%\\_restore\\_%'"),
    );
    expect(rows).toEqual([]);
  });
});

test('a restore may take ten minutes, and longer the larger its dump is', () => {
  expect([0, 1e9, 1e12].map((bytes) => Math.round(restoreTimeoutMs(bytes) / 60_000))).toEqual([10, 110, 100_010]);
});
