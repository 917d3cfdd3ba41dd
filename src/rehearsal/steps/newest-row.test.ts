import { afterAll, beforeAll, expect, test } from 'vitest';
import { chosenBackup } from '../../../fixtures/testing/dumps.ts';
import { serveDrill } from '../../../fixtures/testing/drills.ts';
import { describeEngine } from '../../../fixtures/testing/engines.ts';
import { useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { asRestored, RestoreSite } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import { runStep } from '../step.ts';
import { askForNewestRow } from './newest-row.ts';

const description = {
  database: null,
  serverVersion: null,
  dumpVersion: null,
  madeAt: null,
};

describeEngine('local', 'the newest row', (engine) => {
  const server = useServer(engine);
  let original: ServedDatabase;

  beforeAll(async () => {
    original = await serveDrill(server(), {});
    await withClient(original.asOwner, (client) =>
      client.query(`create table orders (created_at timestamptz); insert into orders values (now() - interval '1 hour');
        create function spy() returns timestamptz language plpgsql as 'begin
          return (select max(created_at) from orders where current_user ~ ''reader'' and not
            (select rolsuper from pg_roles where rolname = current_user)); end'`),
    );
  });
  afterAll(async () => {
    await original.drill.run.dispose();
  });

  async function ask(query: string, rpo?: number) {
    const freshness = { query, ...(rpo !== undefined && { rpo }) };
    const drill = original.drill.with({ profile: { ...original.drill.profile, freshness } });
    const restored = asRestored(new RestoreSite(original.of(drill)));
    const backup = chosenBackup({ description, takenAt: new Date() });
    const { meta, made } = await runStep(drill, askForNewestRow, { restored, backup });
    return { error: meta.error, ...made };
  }

  test.each([
    ['of an hour ago', 'select max(created_at) from orders', 'passed', []],
    ['of two days ago', "select max(created_at) - interval '2 days' from orders", 'failed', ['DATA_STALE']],
    ['not there', 'select max(created_at) from orders where false', 'failed', ['DATA_STALE']],
    ['still to come', "select max(created_at) + interval '2 hours' from orders", 'failed', ['FRESHNESS_NOT_PLAUSIBLE']],
    ['asked for without rights', 'select spy()', 'passed', []],
  ])('that is %s', async (_, query, status, rules) => {
    const { error, checks, findings } = await ask(query);
    expect(error).toBeNull();
    expect(checks).toMatchObject([{ id: 'freshness', status }]);
    expect((findings ?? []).map(({ rule }) => rule)).toEqual(rules);
  });

  test('may be older or has to be newer than the RPO, if the profile says so', async () => {
    expect((await ask('select max(created_at) from orders', 60_000)).findings).toMatchObject([{ rule: 'DATA_STALE' }]);
    const older = await ask("select max(created_at) - interval '2 days' from orders", 3 * 86_400_000);
    expect(older.findings).toEqual([]);
    expect(older.facts?.['newestRowAgeMs']).toBeGreaterThan(2 * 86_400_000);
  });

  test.each([
    ['select count(*) from orders', 'no time'],
    ['select created_at, created_at from orders', '2 columns'],
    ['select created_at from orders, generate_series(1, 2)', '2 rows'],
    ['select no_such_column', 'does not exist'],
    ['insert into orders values (now()) returning created_at', 'read-only transaction'],
  ])('cannot be told by %s', async (query, reason) => {
    const { error } = await ask(query);
    expect(error?.code).toBe('PROFILE_INVALID');
    expect(error?.message).toContain(reason);
  });
});
