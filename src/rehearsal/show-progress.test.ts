import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { connect, disconnect } from '../postgres/connection.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import { watchActivity, whileWatched } from '../postgres/watch-activity.ts';
import { toolLimits } from './limits.ts';
import { showProgress } from './show-progress.ts';
import { createDatabase } from '../postgres/database.ts';
import { openSnapshot, takeSnapshot } from '../snapshot/take.ts';
import { asRestored, RestoreSite } from './restore-site.ts';
import { snapshotOptions } from './snapshot-options.ts';
import type { ServedDatabase } from './served-database.ts';
import { takeDump } from './steps/dump.ts';
import { checkStructure } from './steps/check-structure.ts';
import { restoreDump } from './steps/restore.ts';
import { seedBaseline } from './steps/seed.ts';

const server = useServer('local');
const deadline = { timeout: 30_000 };

/** COPY stops at the 1001st row for as long as the test holds the lock that this waits for. */
const waitsInside = `
  create function wait_at(id int) returns boolean language plpgsql as $$
  begin
    if id = 1001 then perform pg_catalog.pg_advisory_xact_lock_shared(7); end if;
    return true;
  end $$;
  create table "odd ""name" (id int primary key check (wait_at(id)));
  insert into "odd ""name" select generate_series(1, 4000)`;

const moreThanPipes = `
  create schema shop;
  create table shop.items as
  select id, (select pg_catalog.string_agg(pg_catalog.md5((id * 99 + part)::text), '') from generate_series(1, 60) part) as text
  from generate_series(1, 6000) id`;

test('a restore that is held up says at which table, how far it is, and what it waits for', async () => {
  const served = await serveDrill(server(), { database: { name: 'held', owner: 'held_owner' } });
  await withClient(served.asOwner, (client) => client.query(waitsInside));
  const reference = await openSnapshot(served.asReader, snapshotOptions(served));
  onTestFinished(() => reference[Symbol.asyncDispose]());

  const { made: dump } = await takeDump(served.drill, { served, reference }, () => undefined);
  if (dump === undefined) throw new Error('There is no dump.');

  const site = new RestoreSite(served, 'held_again');
  await createDatabase(server().admin, site.asOwner);
  const restoring = recordSaid();
  const lockInside = await hold(site, 'select pg_catalog.pg_advisory_lock(7)');
  const restored = restoreDump(served.drill, { site, dump }, restoring.say);
  const line = 'the dump is read; "odd ""name": 25 % of 4,000 rows, waits for a lock of another session';
  await vi.waitFor(() => {
    expect(restoring.said()).toContain(line);
  }, deadline);
  await lockInside.release();
  expect((await restored).checks).toMatchObject([{ id: 'restore-status', status: 'passed' }]);
  expect(await watchers(served)).toBe(0);
});

test('a check of tables and indexes that is held up says at which, and how far it is', async () => {
  const served = await serveDrill(server(), { database: { name: 'checked', owner: 'checked_owner' } });
  await withClient(served.asOwner, (client) =>
    client.query('create table first (id int); create schema held; create table held.items (id int primary key)'),
  );
  const site = new RestoreSite(served, 'checked');
  const { say, said } = recordSaid();
  const inside = await hold(site, 'begin; lock table held.items in access exclusive mode');
  const checking = checkStructure(served.drill, { restored: asRestored(site) }, say);
  const line = /^(table held\.items|index held\.items_pkey): read \d+ % of [\d.]+ [kM]B$/m;
  await vi.waitFor(() => {
    expect(said()).toMatch(line);
  }, deadline);
  await inside.release();
  expect(await checking).toMatchObject({ checks: [{ status: 'passed' }], logs: { 'pg_amcheck.log': '' } });
});

test('a seed that takes long says how much of its files was taken', async () => {
  const file = join(await makeWorkspace(), 'long.sql');
  const rows = Array.from({ length: 20_000 }, (_, n) => `insert into shop values (${n});`).join('\n');
  await writeFile(file, `create table shop (id int);\nselect pg_catalog.pg_advisory_xact_lock(8);\n${rows}`);
  const served = await serveDrill(server(), { database: { name: 'seeded', owner: 'seeded_owner' }, seed: [file] });
  const { say, said } = recordSaid();
  const inside = await hold(new RestoreSite(served, 'seeded'), 'select pg_catalog.pg_advisory_lock(8)');
  const seeding = seedBaseline(served.drill, { served }, say);
  await vi.waitFor(() => {
    expect(said()).toMatch(/^long\.sql: read \d+ % of [\d.]+ kB$/m);
  }, deadline);
  await inside.release();
  await seeding;
});

test('a dump that nobody takes further says at which table it is, and how far', async () => {
  const served = await serveDrill(server(), { database: { name: 'dumped', owner: 'dumped_owner' } });
  await withClient(served.asOwner, (client) => client.query(moreThanPipes));
  const snapshot = await takeSnapshot(served.asReader, snapshotOptions(served));
  const { asOwner, drill } = served;
  let goOn: (value?: unknown) => void = () => undefined;
  const taken = new Promise((resolve) => (goOn = resolve));
  const through = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      yield chunk;
      await taken;
    }
  };
  const { say, said } = recordSaid();
  using progress = showProgress(say, { snapshot });
  const options = { through, onProgress: progress.onBytes };
  const dumping = whileWatched(watchActivity(server().admin, 'dumped', progress.onActivity), () =>
    dumpDatabase(server(), asOwner, null, join(drill.run.directory, 'x.dump'), toolLimits(drill), options),
  );
  const line = /^\d[\d.]* k?B; shop\.items: \d+ % of 6,000 rows$/m;
  await vi.waitFor(() => {
    expect(said()).toMatch(line);
  }, deadline);
  goOn();
  expect(await dumping).toMatchObject({ exitCode: 0 });
});

/** A session that has a lock until the test has seen what it has to see. */
async function hold({ asAdmin }: Pick<ServedDatabase, 'asAdmin'>, lock: string) {
  const client = await connect({ ...asAdmin });
  await client.query(`set search_path to public; begin; ${lock}`);
  const release = () => disconnect(client);
  onTestFinished(release);
  return { release };
}

function recordSaid() {
  const lines: string[] = [];
  return { say: (line: string) => lines.push(line), said: () => lines.join('\n') };
}

/** Sessions outside of the databases of the drill, besides that which asks. */
async function watchers({ server: { admin } }: ServedDatabase): Promise<number> {
  return withClient(admin, async (client) => {
    const query = `select from pg_stat_activity where datname = $1 and pid <> pg_backend_pid() and query ~ 'pg_stat_progress_copy'`;
    return (await client.query(query, [admin.database])).rowCount ?? 0;
  });
}
