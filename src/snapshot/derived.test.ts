import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asDump } from '../../fixtures/testing/dumps.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Connection } from '../postgres/connection.ts';
import { dropDatabase } from '../postgres/database.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import { restoreDatabase } from '../postgres/restore.ts';
import type { Snapshot } from './snapshot.ts';
import type { ViewQuery } from './table-snapshot.ts';
import { openSnapshot, takeSnapshot, type SnapshotOptions } from './take.ts';
import { findDifferences, here } from './weigh.ts';

const limits = { timeoutMs: 60_000 };

const warnings = (rule: string, ...names: string[]) => names.map((name) => `${rule} ${name} (warning)`);

/** What comes of a faithful restore. */
const known = [
  ...warnings('MATERIALIZED_VIEW_VARIES', 'at_random', 'by_oid', 'by_zone', 'of_floats', 'of_the_moment', 'over_stale'),
  ...warnings('MATERIALIZED_VIEW_VARIES', 'over_stale_through_a_view', 'searched'),
  ...warnings('MATERIALIZED_VIEW_STALE', 'stale', 'stale_content'),
];

/** Views by name, each over rows that change after it was filled, or do not. */
const sql = `
  create table sales (id integer primary key, amount numeric, weight float8, at timestamptz, body text);
  create table steady (id integer primary key, name text);
  insert into sales values (1, 10, 0.1, '2026-01-01 23:30+00', 'one'), (2, 20, 0.2, '2026-02-01 12:00+00', 'two');
  insert into steady select n, 'name ' || n from generate_series(1, 5) as n;
  create view between_them as select id, name from steady where id > 1;
  create function of_owner() returns integer language sql stable as 'select 7';

  create materialized view fresh as select count(*) as n, sum(id) as total from steady;
  create materialized view fresh_renamed as select id as number, name from between_them;
  alter materialized view fresh_renamed rename column number to "no. ""1""";
  create materialized view stale as select count(*) as n, sum(amount) as total from sales;
  create materialized view stale_content as select max(amount) as most from sales;
  create materialized view over_stale as select n + 1 as more from stale;
  create materialized view over_fresh as select n + 1 as more from fresh;
  create view around_stale as select * from stale;
  create materialized view over_stale_through_a_view as select n from around_stale;
  create materialized view of_the_moment as select id, now() as at from steady;
  create materialized view of_today as select id, current_date - date '2026-01-01' as age from steady;
  create materialized view at_random as select id, random() as chance from steady;
  create materialized view by_oid as select tableoid::oid as number, id from steady;
  create materialized view by_zone as select id, at::date as day from sales;
  create materialized view searched as select id, to_tsvector(body) as words from sales;
  create materialized view of_a_function as select of_owner() as seven;
  create materialized view in_any_order as select array_agg(name) as names from steady;
  create materialized view in_order as select array_agg(name order by name) as names from steady;
  create materialized view of_floats as select sum(weight) as weight from sales;
  create materialized view first_one as select id from steady limit 1;
  create materialized view slow as select count(*) as n from steady where pg_sleep(0.4) is not null;
  create materialized view never_filled as select id from steady with no data;
  insert into sales values (3, 30, 0.3, null, 'three');`;

describeEitherEngine('materialised views', (engine) => {
  const server = useServer(engine);
  let directory = '';
  let source: Connection;
  let before: Snapshot;
  let dumpFile = '';

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'restore-rehearsal-test-'));
    await chmod(directory, 0o711);
    source = await createTestDatabase(server());
    await withClient(source, (client) => client.query(sql));
    dumpFile = join(directory, 'views.dump');
    await using open = await openSnapshot(source, { ...options(), viewsWithinMs: 20_000 });
    before = open.snapshot;
    expect(await dumpDatabase(server(), source, open.id, dumpFile, limits)).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test.each([
    ['fresh', {}],
    ['fresh_renamed', {}],
    ['stale', {}],
    ['over_stale', { reads: ['stale'] }],
    ['over_stale_through_a_view', { reads: ['stale'] }],
    ['of_the_moment', { varies: ['now()'] }],
    ['of_today', { varies: ['current_date'] }],
    ['at_random', { varies: ['random()'] }],
    ['by_oid', { varies: ['a system column'] }],
    ['by_zone', { varies: ['date(timestamp with time zone)'] }],
    ['searched', { varies: ['to_tsvector(text)'] }],
    ['of_a_function', { varies: ['public.of_owner()'] }],
    ['in_any_order', { varies: ['array_agg without an order'] }],
    ['in_order', {}],
    ['of_floats', { varies: ['sum of floats'] }],
    ['first_one', { varies: ['limit'] }],
    ['slow', { varies: ['pg_sleep(double precision)'] }],
  ])('what the query of %s depends on is known', (name, expected) => {
    expect(queryOf(before, name)).toMatchObject({ notRead: null, reads: [], varies: [], ...expected });
  });

  test('are read with the digests of their own rows', () => {
    for (const name of ['fresh', 'fresh_renamed', 'over_stale', 'over_fresh', 'in_order']) {
      const { rows, digest, query } = tableOf(before, name);
      expect({ rows: query?.rows, digest: query?.digest }).toEqual({ rows, digest });
    }
    for (const name of ['stale', 'stale_content']) {
      const { digest, query } = tableOf(before, name);
      expect(query?.digest).not.toBe(digest);
    }
    expect(queryOf(before, 'never_filled')).toBeUndefined();
  });

  test('whose query fails or takes too long say so, and the rest is read', async () => {
    await withClient(source, (client) =>
      client.query(`
        create table few (id integer);
        create materialized view failing as select 1 / (1 - count(*)) as n from few;
        insert into few values (1)`),
    );
    const { tables } = await takeSnapshot(source, { ...options(), viewsWithinMs: 1500 });
    await withClient(source, (client) => client.query('drop table few cascade'));
    const notRead = (name: string) => queryOf({ tables }, name).notRead;
    expect(notRead('failing')).toBe('its query fails: division by zero');
    // Nothing is left for those that come after it.
    for (const name of ['slow', 'stale', 'stale_content']) {
      expect(notRead(name)).toBe('its query takes longer than materializedViews.within of the profile allows');
    }
    expect(notRead('at_random')).toBeNull();
    expect(tableOf({ tables }, 'steady')).toMatchObject({ rows: 5 });
  });

  test('run no code of another role with the rights of the one that reads', async () => {
    const superuser = { ...server().admin, database: source.database };
    const { tables } = await takeSnapshot(superuser, { ...options(), viewsWithinMs: 20_000 });
    const { rows, notRead } = queryOf({ tables }, 'of_a_function');
    expect(rows).toBeNull();
    expect(notRead).toBe(
      `it calls public.of_owner() of ${source.user}: code of another role is not run with the rights of this one`,
    );
    expect(queryOf({ tables }, 'of_today').notRead).toBeNull();
  });

  test('are not queried where nobody asks for it', async () => {
    const { tables } = await takeSnapshot(source, options());
    expect(tables.filter(({ query }) => query !== undefined)).toEqual([]);
  });

  describe('after a restore', () => {
    let restored: Connection;
    beforeAll(async () => {
      restored = await createTestDatabase(server());
      expect(await restoreDatabase(server(), restored, await asDump(dumpFile), limits)).toMatchObject({ exitCode: 0 });
    });

    test('that were stale or depend on the moment are warned of, and no other', async () => {
      expect(await differences()).toEqual(known);
    });

    test('that came back with other rows than their query gave are at fault, but where it may vary', async () => {
      await withClient(restored, (client) =>
        client.query(`
          update steady set id = 60, name = 'other' where id = 5;
          delete from sales where id = 3;
          refresh materialized view fresh;
          refresh materialized view fresh_renamed;
          refresh materialized view in_any_order;
          refresh materialized view in_order;
          refresh materialized view stale_content;
          update sales set amount = 11 where id = 1;
          refresh materialized view stale`),
      );
      const found = await differences();
      expect(found.filter((each) => !known.includes(each))).toEqual([
        'CONTENT_MISMATCH fresh (error)',
        'CONTENT_MISMATCH fresh_renamed (error)',
        'MATERIALIZED_VIEW_VARIES in_any_order (warning)',
        'CONTENT_MISMATCH in_order (error)',
        'ROW_COUNT_MISMATCH sales (error)',
        'CONTENT_MISMATCH stale (error)',
        'CONTENT_MISMATCH steady (error)',
      ]);
      // It holds what it held at the source, stale as that was.
      expect(found.filter((each) => each.includes('stale_content'))).toEqual([]);
    });

    async function differences(): Promise<string[]> {
      const after = await takeSnapshot(restored, options());
      return findDifferences(before, after, here).map(
        ({ rule, object, severity }) => `${rule} ${object} (${severity})`,
      );
    }
  });

  function options(): SnapshotOptions {
    return { ...limits, runner: server(), ownership: 'runbook' };
  }
});

function tableOf({ tables }: Pick<Snapshot, 'tables'>, name: string): Snapshot['tables'][number] {
  return tables.find((table) => table.name === name) ?? expect.unreachable(`There is no ${name}.`);
}

function queryOf(snapshot: Pick<Snapshot, 'tables'>, name: string): ViewQuery {
  return tableOf(snapshot, name).query as ViewQuery;
}

/** Partitioned tables whose rows go to other partitions after a restore, or may. */
const partitions = `
  create type colour as enum ('red', 'green', 'blue', 'black', 'white', 'grey', 'pink', 'cyan');
  create table other_oids (id oid);
  ${hashed('paints', 'colour colour, amount integer', 'colour')}
  ${hashed('numbered', 'colour integer, amount integer', 'colour')}
  create table by_year (year integer, colour colour) partition by range (year);
  create table by_year_2025 partition of by_year for values from (2025) to (2026);
  create table by_year_2026 partition of by_year for values from (2026) to (2027) partition by hash (colour);
  create table by_year_2026_0 partition of by_year_2026 for values with (modulus 2, remainder 0) partition by list (year);
  create table by_year_2026_0_only partition of by_year_2026_0 for values in (2026);
  create table by_year_2026_1 partition of by_year_2026 for values with (modulus 2, remainder 1);
  insert into paints select c, n from unnest(enum_range(null::colour)) c, generate_series(1, 5) n;
  insert into numbered select n, n from generate_series(1, 20) n;
  insert into by_year select 2025 + n, c from unnest(enum_range(null::colour)) c, generate_series(0, 1) n;`;

function hashed(name: string, columns: string, key: string): string {
  const parts = [0, 1, 2, 3].map(
    (part) => `create table ${name}_${part} partition of ${name} for values with (modulus 4, remainder ${part});`,
  );
  return `create table ${name} (${columns}) partition by hash (${key}); ${parts.join(' ')}`;
}

describeEitherEngine('hash partitions', (engine) => {
  const server = useServer(engine);
  let directory = '';
  let before: Snapshot;
  let restored: Connection;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'restore-rehearsal-test-'));
    await chmod(directory, 0o711);
    const source = await createTestDatabase(server());
    await withClient(source, (client) => client.query(partitions));
    const file = join(directory, 'partitions.dump');
    before = await takeSnapshot(source, options());
    expect(await dumpDatabase(server(), source, null, file, limits)).toMatchObject({ exitCode: 0 });
    restored = await createTestDatabase(server());
    expect(await restoreDatabase(server(), restored, await asDump(file), limits)).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('on an enum may hold other rows after a restore, and their table the same', async () => {
    const after = await takeSnapshot(restored, options());
    // By the oids of the labels, it may be that none of the few rows has moved.
    const found = findDifferences(before, after, here);
    expect(found).toContainEqual(
      expect.objectContaining({
        rule: 'ROWS_IN_OTHER_PARTITIONS',
        severity: 'warning',
        object: 'paints',
        expected: 'its 40 rows in the same hash partitions',
      }),
    );
    expect(found.filter(({ rule, object }) => rule !== 'ROWS_IN_OTHER_PARTITIONS' || object === 'numbered')).toEqual(
      [],
    );
  });

  test.each([
    ['a row lost', ['ROW_COUNT_MISMATCH paints'], "delete from paints where colour = 'red' and amount = 1"],
    [
      'a value changed',
      ['CONTENT_MISMATCH paints'],
      "update paints set amount = 9 where colour = 'pink' and amount = 1",
    ],
    ['a row of a stable key changed', ['CONTENT_MISMATCH numbered'], 'update numbered set amount = 0 where colour = 7'],
    ['a row moved by its key', ['CONTENT_MISMATCH numbered'], 'update numbered set colour = 7 where colour = 3'],
    [
      'a row lost below another partitioned table',
      ['ROW_COUNT_MISMATCH by_year', 'ROW_COUNT_MISMATCH by_year_2026'],
      "delete from by_year where year = 2026 and colour = 'red'",
    ],
    [
      'a row of a range lost',
      ['ROW_COUNT_MISMATCH by_year', 'ROW_COUNT_MISMATCH by_year_2025'],
      "delete from by_year where year = 2025 and colour = 'red'",
    ],
  ])('have every row compared at their table: %s', async (_, rules, change) => {
    const copy = `${restored.database} altered`;
    await withClient(server().admin, (client) =>
      client.query(`create database "${copy}" template "${restored.database}" owner "${restored.user}"`),
    );
    await withClient({ ...restored, database: copy }, (client) => client.query(change));
    const after = await takeSnapshot({ ...restored, database: copy }, options());
    await dropDatabase(server().admin, copy);
    const errors = findDifferences(before, after, here).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ rule, object }) => `${rule} ${object}`)).toEqual(rules);
  });

  test('are known by the restored table where a manifest of before does not know them', async () => {
    const old = { ...before, tables: before.tables.map((table) => ({ ...table, hashedIn: undefined })) };
    const after = await takeSnapshot(restored, options());
    expect(findDifferences(old, after, here).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  function options(): SnapshotOptions {
    return { ...limits, runner: server(), ownership: 'runbook' };
  }
});
