import { describe, expect, test } from 'vitest';
import { differencesByFacet, plainSnapshot } from '../../fixtures/testing/one-difference.ts';
import type { Snapshot } from './snapshot.ts';
import type { TableSnapshot } from './table-snapshot.ts';
import { countPrintedOtherwise, elsewhere, findDifferences, here } from './weigh.ts';

const table: TableSnapshot = { name: 'users', kind: 'table', rows: 3, digest: 'a', notRead: null };
const view: TableSnapshot = { ...table, kind: 'materialized view' };
const entry = { type: 'TABLE', object: 'users', definition: 'create table' };
const hashed = 'a value with the hash 012345678901';
const state = (category: string, expected: string | null, actual: string | null, object = 'one'): Sides => [
  { state: { [category]: expected === null ? {} : { [object]: expected } } },
  { state: { [category]: actual === null ? {} : { [object]: actual } } },
];
type Sides = readonly [Partial<Snapshot>, Partial<Snapshot>];

/** What it is called, how it weighs on the same server, on another one of the same major version, and of another. */
test.each<[string, Sides, string, string, string]>([
  ['CONTENT_MISMATCH', [{ tables: [table] }, { tables: [{ ...table, digest: 'b' }] }], 'error', 'error', 'error'],
  ['ROW_COUNT_MISMATCH', [{ tables: [table] }, { tables: [{ ...table, rows: 2 }] }], 'error', 'error', 'error'],
  ['CONTENT_MISMATCH', [{ tables: [view] }, { tables: [{ ...view, digest: 'b' }] }], 'warning', 'warning', 'warning'],
  ['ROW_COUNT_MISMATCH', [{ tables: [view] }, { tables: [{ ...view, rows: 2 }] }], 'warning', 'warning', 'warning'],
  ['TABLE_MISSING', [{ tables: [view] }, { tables: [] }], 'error', 'error', 'error'],
  ['LARGE_OBJECT_CHANGED', [{}, { largeObjects: { rows: 1, digest: 'b' } }], 'error', 'error', 'error'],
  [
    'TABLE_CHANGED',
    [{ schema: { a: entry } }, { schema: { a: { ...entry, definition: '' } } }],
    'error',
    'error',
    'warning',
  ],
  ['TABLE_MISSING', [{ schema: { a: entry } }, { schema: {} }], 'error', 'error', 'error'],
  ['TABLE_UNEXPECTED', [{ schema: {} }, { schema: { a: entry } }], 'error', 'error', 'error'],
  ['DATABASE_CHANGED', state('DATABASE', 'C', 'de', 'datcollate'), 'error', 'warning', 'warning'],
  ['DATABASE_CHANGED', state('DATABASE', '1', '2', 'datcollversion'), 'error', 'warning', 'warning'],
  ['DATABASE_CHANGED', state('DATABASE', '1', '2', 'datconnlimit'), 'error', 'warning', 'warning'],
  ['DATABASE_CHANGED', state('DATABASE', null, '&a < b', 'daticurules'), 'error', 'warning', 'warning'],
  ['DATABASE_CHANGED', state('DATABASE', '6', '8', 'encoding'), 'error', 'error', 'error'],
  ['DATABASE_CHANGED', state('DATABASE', 'shop', '', 'comment'), 'error', 'error', 'error'],
  ['DATABASE_SETTING_MISSING', state('DATABASE_SETTING', '64MB', null, 'work_mem'), 'error', 'error', 'error'],
  ['DATABASE_SETTING_MISSING', state('DATABASE_SETTING', hashed, null, 'app.key'), 'error', 'warning', 'warning'],
  ['EXTENSION_CHANGED', state('EXTENSION', '1.8 in public', '1.7 in public'), 'error', 'warning', 'warning'],
  ['EXTENSION_CHANGED', state('EXTENSION', '1.8 in public', '1.8 in crm'), 'error', 'error', 'error'],
  ['EXTENSION_MISSING', state('EXTENSION', '1.8', null), 'error', 'error', 'error'],
  ['MATERIALIZED_VIEW_DATA_CHANGED', state('MATERIALIZED_VIEW_DATA', 'populated', 'empty'), 'error', 'error', 'error'],
  ['CONSTRAINT_STATE_CHANGED', state('CONSTRAINT_STATE', 'validated', 'not validated'), 'error', 'error', 'error'],
  ['TRIGGER_STATE_CHANGED', state('TRIGGER_STATE', 'O', 'D'), 'error', 'error', 'error'],
  ['INDEX_STATE_CHANGED', state('INDEX_STATE', 'valid', 'invalid'), 'error', 'error', 'error'],
  ['TABLE_STATE_CHANGED', state('TABLE_STATE', 'a', 'b'), 'error', 'error', 'error'],
  ['COLLATION_VERSION_CHANGED', state('COLLATION_VERSION', '2.31', '2.36'), 'error', 'warning', 'warning'],
  ['LARGE_OBJECT_STATE_CHANGED', state('LARGE_OBJECT_STATE', 'a', 'b'), 'error', 'error', 'error'],
  ['SUBSCRIPTION_CHANGED', state('SUBSCRIPTION', 'a', 'b'), 'error', 'error', 'warning'],
  ['SUBSCRIPTION_MISSING', state('SUBSCRIPTION', 'a', null), 'error', 'error', 'error'],
  ['USER_MAPPING_CHANGED', state('USER_MAPPING', 'a', 'b'), 'error', 'error', 'error'],
  ['ROLE_UNEXPECTED', state('ROLE', null, 'a', 'postgres'), 'error', 'nothing', 'nothing'],
  ['ROLE_MISSING', state('ROLE', 'a', null, 'anna'), 'error', 'error', 'error'],
  ['ROLE_CHANGED', state('ROLE', 'a', 'b', 'anna'), 'error', 'error', 'error'],
  ['ROLE_MEMBERSHIP_UNEXPECTED', state('ROLE_MEMBERSHIP', null, 'member'), 'error', 'error', 'error'],
])(
  '%s of %j is of the same server: %s; of another one: %s; of another major version: %s',
  (rule, sides, ...weights) => {
    const [before, after] = sides.map((changes) => ({ ...plainSnapshot, ...changes })) as [Snapshot, Snapshot];
    const references = [here, elsewhere('16.2', '16.9'), elsewhere('15.18', '16.9')];
    const found = references.map((reference) => findDifferences(before, after, reference));
    expect(found.map(([difference]) => difference?.severity ?? 'nothing')).toEqual(weights);
    for (const [difference] of found) expect(difference?.rule ?? rule).toBe(rule);
  },
);

describe.each(Object.entries(differencesByFacet))('a difference in %s', (id, differences) => {
  test.each(differences)('is not named where that is left out: $what', ({ changes }) => {
    const after = { ...plainSnapshot, ...changes };
    expect(findDifferences(plainSnapshot, after, here)).toHaveLength(1);
    const leftOut = [id] as (keyof typeof differencesByFacet)[];
    expect(findDifferences(plainSnapshot, after, { ...here, leftOut })).toEqual([]);
  });
});

test('where an upgrade is what is rehearsed, a definition that is not known to be printed otherwise is an error', () => {
  const compare = (type: string, definition: string, restored: string, isUpgrade = true) => {
    const snapshot = (text: string) => ({
      ...plainSnapshot,
      schema: { [`${type} o`]: { type, object: 'o', definition: text } },
    });
    const reference = { ...elsewhere('15.4', '17.1'), isUpgrade };
    return findDifferences(snapshot(definition), snapshot(restored), reference).map(({ severity }) => severity);
  };
  expect(compare('VIEW', 'SELECT a.id FROM a;', 'SELECT id FROM a;')).toEqual([]);
  expect(compare('VIEW', 'SELECT a.id FROM a;', 'SELECT no FROM a;')).toEqual(['error']);
  expect(compare('VIEW', 'SELECT a.id FROM a;', 'SELECT no FROM a;', false)).toEqual(['warning']);
  // Known by a hash alone.
  expect(compare('FOREIGN TABLE', 'a definition with the hash 1', 'a definition with the hash 2')).toEqual(['warning']);
});

test('what two majors print otherwise is counted, for the evidence', () => {
  const snapshot = (text: string) => ({
    ...plainSnapshot,
    schema: { 'VIEW o': { type: 'VIEW', object: 'o', definition: text } },
  });
  const [before, after] = [snapshot('SELECT a.id FROM a;'), snapshot('SELECT id FROM a;')];
  expect([...countPrintedOtherwise(before, after, elsewhere('15.4', '17.1')).values()]).toEqual([1]);
  expect(countPrintedOtherwise(before, after, elsewhere('15.4', '15.5')).size).toBe(0);
});
