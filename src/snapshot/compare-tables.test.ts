import { describe, expect, test } from 'vitest';
import { compareTables, isUnread } from './compare-tables.ts';
import { rowsOfExtension, unloggedOnStandby } from './not-dumped.ts';
import type { TableSnapshot } from './table-snapshot.ts';

const users: TableSnapshot = { name: 'users', kind: 'table', rows: 3, digest: 'a', notRead: null };
const notRead = { rows: null, digest: null, notRead: 'permission denied' };
const view: TableSnapshot = { ...users, name: 'totals', kind: 'materialized view' };
const child = { hashedIn: 'users', digest: 'a'.repeat(32) };

type Sides = [what: string, before: TableSnapshot[], after: TableSnapshot[]];

test.each<Sides>([
  ['the same rows', [users], [users]],
  ['the same tables in another order', [users, view], [view, users]],
  ['a table that was not read at the source', [{ ...users, ...notRead }], [users]],
  ['a table that was not read where it was restored', [users], [{ ...users, ...notRead }]],
  [
    'all rows of a table of an extension, and those that a dump holds',
    [users],
    [{ ...users, rows: 1, part: 'dumped' }],
  ],
  ['hash partitions that are the same', [{ ...users, ...child }], [{ ...users, ...child }]],
])('%s are no difference', (_, before, after) => {
  expect(compareTables(before, after)).toEqual([]);
});

test.each<[...Sides, rule: string, expected: string, actual: string]>([
  ['a row less', [users], [{ ...users, rows: 2 }], 'ROW_COUNT_MISMATCH', '3 rows', '2 rows'],
  ['all but one', [{ ...users, rows: 1 }], [{ ...users, rows: 0 }], 'ROW_COUNT_MISMATCH', '1 row', '0 rows'],
  ['other rows', [users], [{ ...users, digest: 'b' }], 'CONTENT_MISMATCH', 'digest a', 'digest b'],
  ['a row less and others', [users], [{ ...users, rows: 2, digest: 'b' }], 'ROW_COUNT_MISMATCH', '3 rows', '2 rows'],
  [
    'fewer rows of those that a dump holds of an extension',
    [{ ...users, part: 'dumped' }],
    [{ ...users, part: 'dumped', rows: 2 }],
    'ROW_COUNT_MISMATCH',
    '3 rows',
    '2 rows',
  ],
  ['no such table', [users], [], 'TABLE_MISSING', '3 rows', 'no such table'],
  [
    'no such table, which was not read',
    [{ ...users, ...notRead }],
    [],
    'TABLE_MISSING',
    'rows that were not read',
    'no such table',
  ],
  ['no such hash partition', [{ ...users, ...child }], [], 'TABLE_MISSING', '3 rows', 'no such table'],
  ['a table too many', [], [users], 'TABLE_UNEXPECTED', 'no such table', '3 rows'],
  [
    'the rows of an unlogged table, which a standby does not have',
    [{ ...users, ...notRead, notRead: unloggedOnStandby }],
    [{ ...users, rows: 0 }],
    'TABLE_DATA_MISSING',
    'its rows',
    'none, as the backup was taken from a standby, where an unlogged table has none',
  ],
])('%s is an error that says what was expected, what is there and what to do', (_, before, after, ...told) => {
  const [found, ...more] = compareTables(before, after);
  expect(more).toEqual([]);
  expect(found).toMatchObject({ severity: 'error', object: 'users' });
  expect([found?.rule, found?.expected, found?.actual]).toEqual(told);
  expect(found?.kind).toBe(kinds.get(found?.rule ?? '') ?? 'changed');
  expect(found?.remedy).toMatch(/\w+ \w+/);
});

const kinds = new Map([
  ['TABLE_MISSING', 'missing'],
  ['TABLE_DATA_MISSING', 'missing'],
  ['TABLE_UNEXPECTED', 'unexpected'],
]);

test('other rows fail the check of the content, and not that of the row counts', () => {
  expect(compareTables([users], [{ ...users, digest: 'b' }])).toMatchObject([{ checks: ['content'] }]);
  expect(compareTables([users], [{ ...users, rows: 2 }])[0]).not.toHaveProperty('checks');
});

test('other rows of a materialised view are weighed by its query', () => {
  expect(compareTables([view], [{ ...view, rows: 2 }])).toMatchObject([{ object: 'totals', origin: 'derived' }]);
  expect(compareTables([users], [{ ...users, rows: 2 }])[0]).not.toHaveProperty('origin');
});

test('what is missing, differs and is too many are named each', () => {
  const [one, two, three, four] = ['one', 'two', 'three', 'four'].map((name) => ({ ...users, name })) as [
    TableSnapshot,
    TableSnapshot,
    TableSnapshot,
    TableSnapshot,
  ];
  const found = compareTables([one, two, three], [three, { ...two, digest: 'b' }, four]);
  expect(found.map(({ rule, object }) => `${rule} ${object}`)).toEqual([
    'TABLE_MISSING one',
    'CONTENT_MISMATCH two',
    'TABLE_UNEXPECTED four',
  ]);
});

describe('rows are missing from a snapshot', () => {
  test.each<[boolean, string, Partial<TableSnapshot>]>([
    [false, 'of a table that was read', {}],
    [true, 'of a table that its role may not read', notRead],
    [true, 'of a partitioned table', { ...notRead, kind: 'partitioned' }],
    [false, 'of a foreign table, which has none here', { ...notRead, kind: 'foreign table' }],
    [false, 'of a materialized view without data', { ...notRead, kind: 'materialized view' }],
    [false, 'that no standby has', { ...notRead, notRead: unloggedOnStandby }],
    [false, 'that an extension brings', { ...notRead, notRead: rowsOfExtension }],
  ])('%s: %s', (expected, _, changes) => {
    expect(isUnread({ ...users, ...changes })).toBe(expected);
  });
});
