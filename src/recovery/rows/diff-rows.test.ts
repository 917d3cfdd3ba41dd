import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, test } from 'vitest';
import { describeEngine } from '../../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { diffRows } from './diff-rows.ts';

describeEngine('local', 'rows of a table in two databases', (engine) => {
  const server = useServer(engine);

  async function compare(left: string, right: string, { table = 'public.t', keys = 5, withinMs = 60_000 } = {}) {
    const [here, there] = [await createTestDatabase(server()), await createTestDatabase(server())];
    const connect = (database: string, sql: string, use: (client: pg.Client) => Promise<unknown>) =>
      withClient({ ...server().admin, database }, async (client) => {
        await client.query(sql);
        await client.query('begin transaction isolation level repeatable read, read only');
        return use(client);
      });
    let result: Awaited<ReturnType<typeof diffRows>> = null;
    await connect(here.database, left, (a) =>
      connect(there.database, right, async (b) => {
        result = await diffRows(a, b, table, { keys, deadline: performance.now() + withinMs });
      }),
    );
    return result;
  }

  const none = { count: 0, first: [] };
  const made = 'create table t (id integer primary key, word text); ';

  test('are told by their keys, in the order of numbers, and the first are named', async () => {
    const many = `${made} insert into t select i, 'a' from generate_series(1, 20000) as i;`;
    const found = await compare(
      `${many} delete from t where id between 100 and 119`,
      `${many} delete from t where id in (3, 20000); update t set word = null where id = 7`,
    );
    expect(found).toEqual({
      ...{ key: ['id'], notCompared: [], complete: true, onlyLeft: { count: 2, first: ['(3)', '(20000)'] } },
      onlyRight: { count: 20, first: ['(100)', '(101)', '(102)', '(103)', '(104)'] },
      changed: { count: 1, first: ['(7)'] },
    });
  });

  test.for([
    ['nothing differs', made, made, { onlyLeft: none, onlyRight: none, changed: none }],
    [
      'all of them differ',
      `${made} insert into t select i, 'a' from generate_series(1, 9000) as i`,
      `${made} insert into t select i, 'b' from generate_series(1, 9001) as i`,
      { changed: { count: 9000 }, onlyRight: { count: 1, first: ['(9001)'] }, onlyLeft: none },
    ],
    [
      'a unique index lets no null in',
      'create table t (word text not null, id integer, unique (word)); insert into t values ($$a "b"$$, 1)',
      'create table t (word text not null, id integer, unique (word)); insert into t values ($$a "b"$$, 2)',
      { key: ['word'], changed: { count: 1, first: ['("a ""b""")'] } },
    ],
    [
      'the key has several columns, in another order',
      'create table t (a integer, b text, primary key (b, a)); insert into t values (1, $$x$$)',
      'create table t (b text, a integer, primary key (b, a)); insert into t values ($$x$$, 1), ($$x$$, 2)',
      { key: ['b', 'a'], onlyRight: { count: 1, first: ['(x,2)'] }, onlyLeft: none, changed: none },
    ],
    [
      'nothing is unique',
      'create table t (word json, place point); insert into t values ($$1$$, null), ($$1$$, null), ($$2$$, null)',
      'create table t (word json, place point); insert into t values ($$1$$, null), ($$3$$, $$1,2$$)',
      { key: null, onlyLeft: { count: 2 }, onlyRight: { count: 1 }, changed: none },
    ],
    [
      'one has a column that the other has not',
      'create table t (id integer primary key, word text, more text); insert into t values (1, $$a$$, $$b$$)',
      'create table t (id integer primary key, word varchar(9)); insert into t values (1, $$a$$)',
      { notCompared: ['more', 'word'], changed: none },
    ],
    [
      'the table is partitioned',
      'create table t (id integer primary key) partition by hash (id); create table p partition of t for values with (modulus 1, remainder 0)',
      'create table t (id integer primary key) partition by hash (id); create table p partition of t for values with (modulus 1, remainder 0); insert into t values (1)',
      { onlyRight: { count: 1, first: ['(1)'] } },
    ],
  ] as const)('are compared where %s', async ([, left, right, expected]) => {
    expect(await compare(left, right)).toMatchObject({ complete: true, ...expected });
  });

  test('of a name with anything in it are compared', async () => {
    const name = pg.escapeIdentifier(`it's "a" table; ${randomUUID()}`);
    const sql = `create table ${name} ("the; 'key'" text primary key)`;
    const found = await compare(`${sql}; insert into ${name} values ('ä')`, sql, { table: `public.${name}` });
    expect(found).toMatchObject({ key: ["the; 'key'"], onlyLeft: { count: 1, first: ['(ä)'] } });
  });

  test('are not told where there is no time, and that is said', async () => {
    const many = `${made} insert into t select i, 'a' from generate_series(1, 50000) as i`;
    expect(await compare(many, `${many}; delete from t where id = 1`, { withinMs: 1 })).toMatchObject({
      complete: false,
    });
  });
});
