import { expect, test } from 'vitest';
import type { Activity } from './activity.ts';
import { findObject } from './statement-object.ts';
import { WorkProgress } from './work-progress.ts';

const at = (statement: string, more: Partial<Activity> = {}): Activity => ({
  ...{ object: findObject(statement), waits: false, rows: null, build: null },
  ...more,
});

test.for<[statement: string, name: string | null, kind?: string | null, table?: string | null]>([
  ['COPY public.bookings (id, at) FROM stdin;', 'bookings', null],
  ['COPY "a b"."c ""d.e" (id) TO stdout;', '"a b"."c ""d.e"', null],
  ['COPY public.größe (id) TO stdout', 'größe', null],
  ['CREATE UNIQUE INDEX "x -- y" ON shop.items USING btree (id)', '"x -- y"', 'index', 'shop.items'],
  [
    'ALTER TABLE ONLY public.items\n    ADD CONSTRAINT items_pkey PRIMARY KEY (id)',
    'items_pkey',
    'constraint',
    'items',
  ],
  ['REFRESH MATERIALIZED VIEW public.totals;', 'totals', 'view'],
  ["INSERT INTO public.users VALUES (1, 'Anna secret')", 'users', null],
  ['LOCK TABLE public.users IN ACCESS SHARE MODE', 'users', null],
  ['\n    select\n pg_catalog.count(*)::text as rows\n    from only shop.items as t ', 'shop.items', 'digest of'],
  ["select 'Anna secret' from only", null],
  ["SELECT pg_catalog.setval('public.users_id_seq', 3, true)", null],
  ['COPY "never ends', null],
  ['', null],
])('%j works on %j', ([statement, name, kind = null, table = null]) => {
  expect(findObject(statement)).toEqual(name === null ? null : { kind, name, table });
});

test('of a restore it says how much was read, and where it is', () => {
  const progress = new WorkProgress(new Map([['bookings', 4000]]));
  const bytes = { done: 0, total: 1_200_000_000 };
  const describe = (second: number) => {
    bytes.done = second * 10_000_000;
    const activity = [at('COPY public.bookings (id) FROM stdin', { rows: second * 100 })];
    return progress.describe({ bytes, activity }, second * 1000);
  };
  expect(describe(0)).toBe('read 0 % of 1.2 GB; bookings: 0 % of 4,000 rows');
  for (let second = 1; second < 20; second += 1) describe(second);
  expect(describe(20)).toBe(
    'read 16 % of 1.2 GB, 10.0 MB/s, about 2 min left; bookings: 50 % of 4,000 rows, 100 rows/s, about 20 s left',
  );
  bytes.done = bytes.total;
  const build = { phase: 'building index: scanning table', done: 45, total: 100 };
  const index = [at('CREATE INDEX at ON public.bookings USING btree (at)', { build }), at('COPY x FROM stdin')];
  expect(progress.describe({ bytes, activity: index }, 21_000)).toBe(
    'the dump is read; index at of bookings and 1 more: building index: scanning table 45 %',
  );
  expect(progress.describe({ bytes, activity: [] }, 22_000)).toBe('the dump is read');
});

test('without a size, the rows that are known make the whole, and it is never more than that', () => {
  const rows = new Map(Object.entries({ a: 100, b: 300, c: 600 }));
  const progress = new WorkProgress(rows);
  const copy = (table: string, done: number) =>
    progress.describe({ bytes: null, activity: [at(`COPY public.${table} (id) FROM stdin`, { rows: done })] }, 0);
  expect(copy('a', 50)).toBe('5 % of 1,000 rows; a: 50 % of 100 rows');
  // b came and went between two looks.
  expect(copy('c', 300)).toBe('40 % of 1,000 rows; c: 50 % of 600 rows');
  // Nobody knew of them all.
  expect(copy('c', 9000)).toBe('70 % of 1,000 rows; c: 9,000 rows');
  expect(copy('unknown', 5)).toBe('70 % of 1,000 rows; unknown: 5 rows');
});

test('tables that are digested count once they are done', () => {
  const progress = new WorkProgress(new Map(Object.entries({ a: 100, b: 300 })));
  const read = (table: string) =>
    progress.describe({ bytes: null, activity: [at(`select 1 from only public.${table} as t`)] }, 0);
  expect(read('a')).toBe('0 % of 400 rows; digest of a');
  expect(read('b')).toBe('25 % of 400 rows; digest of b');
});

test('it is one line without escape sequences, whatever the names are', () => {
  const hostile = 'COPY "\u001b[2J\nx\r; DROP" (id) FROM stdin';
  const line = new WorkProgress().describe({ bytes: null, activity: [at(hostile, { rows: 1, waits: true })] }, 0);
  expect(line).toBe('"\uFFFD[2J x ; DROP": 1 rows, waits for a lock of another session');
  expect(new WorkProgress().describe({ bytes: null, activity: [] }, 0)).toBeNull();
});
