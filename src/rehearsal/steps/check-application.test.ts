import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDrill } from '../../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../../fixtures/testing/engines.ts';
import { respond } from '../../../fixtures/testing/profiles.ts';
import { rehearseSteps } from '../../../fixtures/testing/rehearse-steps.ts';
import { sampleOf } from '../../../fixtures/testing/sample.ts';
import { useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { createRoleAndDatabase, dropDatabase } from '../../postgres/database.ts';
import { dropRoles } from '../../postgres/globals.ts';
import { asRestored, RestoreSite } from '../restore-site.ts';
import { ServedDatabase } from '../served-database.ts';
import { checkOnRestored } from './check-application.ts';

const right = (db: { url: string }) => ({ DATABASE_URL: db.url });
const refused = ({ url }: { url: string }) => ({ DATABASE_URL: url.replace(/:[^:@]*@/, ':wrong@') });
const elsewhere = ({ url }: { url: string }) => ({ DATABASE_URL: url.replace(/\/[^/]*$/, '/other') });

/** As many ask: healthy where a row is there. */
const asks =
  "answer(async (url, query) => [(await query('select from notes').catch(() => [])).length > 0 ? 200 : 503, {}])";
const lastLines = (line: string) => expect.stringContaining(line) as string;

describeEitherEngine('an application that was never seen to be well', (engine) => {
  const server = useServer(engine);

  async function check(
    body: string,
    env: (db: { url: string }) => Record<string, string>,
    sql: string,
    seeds: string[] = [],
  ) {
    const app = { ...respond(body), env, health: { path: '/', withinMs: 3000 } };
    const directory = await makeWorkspace();
    const seed = seeds.map((_, index) => join(directory, `${index}.sql`));
    for (const [index, file] of seed.entries()) await writeFile(file, seeds[index] ?? '');
    const drill = await makeDrill({ app, seed });
    const served = new ServedDatabase(drill, server(), {
      name: engine,
      reason: '',
      start: () => Promise.reject(new Error()),
    });
    await createRoleAndDatabase(server().admin, served.asOwner);
    await withClient(served.asOwner, (client) => client.query(sql));
    const { metas } = await rehearseSteps(drill, (step) =>
      step('check', checkOnRestored, { restored: asRestored(new RestoreSite(served)) }),
    );
    await dropDatabase(server().admin, 'source');
    await dropRoles(server().admin, [server().admin.user]);
    const [meta] = metas;
    return { error: meta?.error ?? null, findings: meta?.contribution.findings ?? [] };
  }

  const rows = 'create table notes as select 1 as n';

  const others = [
    ['ends without its variable', "console.error('no API_KEY'); process.exit(7)", right, 'no API_KEY'],
    ['never listens', 'setInterval(() => {}, 1000)', right, 'ECONNREFUSED'],
    [
      'logs in and ends',
      "query('select 1').then(() => { console.error('no REDIS'); process.exit(1); })",
      right,
      'no REDIS',
    ],
    ['has another password', asks, refused, '503'],
    ['has another database', asks, elsewhere, '503'],
  ] as const;

  test.for(sampleOf(others, ([, , , last]) => last === '503'))(
    'is not held against the backup where it %s',
    async ([, body, env, last]) => {
      const { error, findings } = await check(body, env, rows);
      expect(findings).toEqual([]);
      expect(error).toMatchObject({ code: 'APPLICATION_WITHOUT_DATABASE', message: lastLines(last) });
    },
  );

  test('that answers wrongly says why in its own last lines, without secrets', async () => {
    const body = "console.error('no REDIS_URL beside ' + process.env.DATABASE_URL); answer(() => [503, {}])";
    const { error } = await check(body, right, rows);
    expect(error?.message).toMatch(/last answer: 503 .*\nIts last lines:\nno REDIS_URL beside /);
    expect(error?.message).not.toContain('postgres://owner');
  });

  test.for([
    ['finds no row', asks, 'create table notes (n int)', 'APPLICATION_NOT_HEALTHY'],
    ['finds no table', asks, 'select', 'APPLICATION_NOT_HEALTHY'],
    [
      'ends for want of a table',
      "query('select from notes').catch((error) => { console.error(error.message); process.exit(1); })",
      'select',
      'APPLICATION_EXITED',
    ],
  ] as const)('is held against it where it %s', async ([, body, sql, rule]) => {
    const { error, findings } = await check(body, right, sql);
    expect(error).toBeNull();
    expect(findings).toMatchObject([{ rule, severity: 'error' }]);
  });

  test('that is well on the seed is held against it', async () => {
    const { error, findings } = await check(asks, right, 'create table notes (n int)', [`${rows};`]);
    expect(error).toBeNull();
    expect(findings).toMatchObject([{ rule: 'APPLICATION_NOT_HEALTHY' }]);
    expect(await listDatabases()).toEqual(['postgres']);
  });

  test('that fails on the seed, too, tells nothing of it', async () => {
    const { error, findings } = await check(asks, right, 'create table notes (n int)', ['create table notes (n int);']);
    expect(findings).toEqual([]);
    expect(error).toMatchObject({
      code: 'APPLICATION_NOT_HEALTHY',
      message: lastLines('on the seed of the profile, too'),
    });
    expect(await listDatabases()).toEqual(['postgres']);
  });

  test('is held against it where the seed cannot be run', async () => {
    const { error, findings } = await check(asks, right, 'create table notes (n int)', ['nonsense;']);
    expect(error).toBeNull();
    expect(findings).toMatchObject([{ rule: 'APPLICATION_NOT_HEALTHY' }]);
  });

  async function listDatabases(): Promise<string[]> {
    const { rows } = await withClient(server().admin, (client) =>
      client.query<{ name: string }>('select datname as name from pg_database where not datistemplate order by 1'),
    );
    return rows.map(({ name }) => name);
  }

  test('is well where it finds what it needs', async () => {
    expect(await check(asks, right, rows)).toEqual({ error: null, findings: [] });
  });
});
