import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getContainerRuntimeClient } from 'testcontainers';
import { expect, onTestFinished, test } from 'vitest';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { canFilter, dropTraffic } from '../../fixtures/testing/firewall.ts';
import { useImage } from '../../fixtures/testing/images.ts';
import { rehearseSteps } from '../../fixtures/testing/rehearse-steps.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import type { ApplicationDatabase } from '../config/app-profile.ts';
import { createRoleAndDatabase, dropDatabase } from '../postgres/database.ts';
import { dropRoles } from '../postgres/globals.ts';
import { asRestored, RestoreSite } from './restore-site.ts';
import { ServedDatabase } from './served-database.ts';
import { assertServerInReach } from './server-in-reach.ts';
import { checkOnRestored } from './steps/check-application.ts';

type Env = (db: ApplicationDatabase) => Record<string, string>;

const right: Env = (db) => ({ DATABASE_URL: db.url });
const atStart =
  (perl: string): Env =>
  (db) => ({ DATABASE_URL: db.url, AT_START: perl });
const instead =
  (from: RegExp, to: string): Env =>
  ({ url }) => ({ DATABASE_URL: url.replace(from, to) });

const rows = 'create table notes as select generate_series(1, 2) as n';
const noRows = 'create table notes (n int)';
const lastLines = (line: string) => expect.stringContaining(line) as string;

describeEngine('docker', 'an application in a container that was never seen to be well', (engine) => {
  const server = useServer(engine, { forContainers: true });
  const image = useImage('psql-app', ['Dockerfile', 'app.pl']);

  const appOf = (env: Env, withinMs = 10_000) => ({
    image,
    port: 9000,
    env,
    health: { path: '/health', status: 200, json: { status: 'ok', notes: 2 }, withinMs },
    probes: [],
  });

  async function check(
    env: Env,
    sql: string,
    { seed = null, withinMs = 10_000 }: { seed?: string | null; withinMs?: number } = {},
  ) {
    const seedFile = join(await makeWorkspace(), 'seed.sql');
    if (seed !== null) await writeFile(seedFile, seed);
    const drill = await makeDrill({ app: appOf(env, withinMs), seed: seed === null ? [] : [seedFile] });
    const noEngine = { name: engine, reason: '', start: () => Promise.reject(new Error()) };
    const served = new ServedDatabase(drill, server(), noEngine);
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

  const others = [
    ['ends without its variable', atStart('die "no API_KEY\\n"'), 'no API_KEY'],
    ['never listens', atStart('sleep 600'), 'last answer: no '],
    ['logs in and ends', atStart('system(\'psql -c "select 1" "$DATABASE_URL"\'); die "no REDIS\\n"'), 'no REDIS'],
    ['has another password', instead(/:[^:@]*@/, ':wrong@'), '503'],
    ['looks for the database on itself', instead(/@[^/]*/, '@127.0.0.1:5432'), '503'],
  ] as const;

  test.for(sampleOf(others, ([, , last]) => last === '503'))(
    'is not held against the backup where it %s',
    async ([, env, last]) => {
      const { error, findings } = await check(env, rows, { withinMs: 3000 });
      expect(findings).toEqual([]);
      expect(error).toMatchObject({ code: 'APPLICATION_WITHOUT_DATABASE', message: lastLines(last) });
    },
  );

  test.for([
    ['finds no row', noRows, 'HEALTH_BODY_MISMATCH'],
    ['finds no table', 'select', 'APPLICATION_NOT_HEALTHY'],
  ] as const)('is held against it where it %s, and is well on the seed', async ([, sql, rule]) => {
    const { error, findings } = await check(right, sql, { seed: `${rows};`, withinMs: 5000 });
    expect(error).toBeNull();
    expect(findings).toMatchObject([{ rule, severity: 'error' }]);
  });

  test('that fails on the seed, too, tells nothing of it', async () => {
    const { error, findings } = await check(right, noRows, { seed: `${noRows};`, withinMs: 3000 });
    expect(findings).toEqual([]);
    expect(error).toMatchObject({
      code: 'HEALTH_BODY_MISMATCH',
      message: lastLines('on the seed of the profile, too'),
    });
  });

  test('is well where it finds what it needs', async () => {
    expect(await check(right, rows)).toEqual({ error: null, findings: [] });
  });

  const outOfReach = async () => {
    const { containerNetwork: network } = server();
    const error = { code: 'SERVER_UNREACHABLE', message: lastLines(`at ${network?.host ?? ''}:5432 by TCP`) };
    await expect(assertServerInReach(server(), appOf(right))).rejects.toMatchObject(error);
    const result = await check(right, noRows, { withinMs: 3000 });
    expect(result).toMatchObject({ findings: [], error });
    expect(result.error?.message).toContain(`docker network inspect ${network?.id.slice(0, 12) ?? ''}`);
  };

  test('is not held against it where its network has lost the server', async () => {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const { containerNetwork: network, endCommand } = server();
    const name = /--volumes (\S+)/.exec(endCommand)?.[1] ?? '';
    await dockerode.getNetwork(network?.id ?? '').disconnect({ Container: name });
    onTestFinished(() => dockerode.getNetwork(network?.id ?? '').connect({ Container: name }) as Promise<void>);
    await outOfReach();
  });

  test.runIf(canFilter)('is not held against it where a firewall drops what goes to the server', async () => {
    dropTraffic(server().containerNetwork?.id ?? '', 5432);
    await outOfReach();
  });
});
