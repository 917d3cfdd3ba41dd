import { expect, test } from 'vitest';
import { plainSnapshot } from '../../fixtures/testing/one-difference.ts';
import type { Difference } from '../snapshot/difference.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';
import { explainByWarnings, pairCounts } from './pair-counts.ts';

const table = (name: string, rows: number | null, hashedIn?: string): TableSnapshot => ({
  ...{ name, kind: 'table', rows, digest: null, notRead: null, hashedIn },
});

const warning: Difference = {
  ...{ rule: 'ROWS_IN_OTHER_PARTITIONS', kind: 'changed', checks: ['row-counts', 'content'], origin: 'derived' },
  ...{ severity: 'warning', object: 'paints', expected: '', actual: '', remedy: '' },
};

const before = [table('paints', 4), table('paints_0', 1, 'paints'), table('paints_1', 3, 'paints'), table('sums', 2)];
const after = [table('paints', 4), table('paints_0', 2, 'paints'), table('paints_1', 2, 'paints'), table('sums', 1)];

const count = (...differences: Difference[]) =>
  pairCounts(
    new Map(before.map(({ name, rows }) => [name, rows])),
    { ...plainSnapshot, tables: after },
    ['sums'],
    explainByWarnings(before, differences),
  );

test('tables that the profile names stand first', () => {
  expect(Object.keys(count())).toEqual(['sums', 'paints', 'paints_0', 'paints_1']);
});

test('a warning explains the counts of its table, and those of the hash partitions that are compared in it', () => {
  const stale: Difference = { ...warning, rule: 'MATERIALIZED_VIEW_STALE', object: 'sums' };
  expect(count(warning, stale)).toEqual({
    sums: { before: 2, after: 1, note: 'explained by MATERIALIZED_VIEW_STALE' },
    paints: { before: 4, after: 4, note: null },
    paints_0: { before: 1, after: 2, note: 'explained by ROWS_IN_OTHER_PARTITIONS' },
    paints_1: { before: 3, after: 2, note: 'explained by ROWS_IN_OTHER_PARTITIONS' },
  });
});

test.each<[string, Partial<Difference>]>([
  ['an error', { severity: 'error', object: 'sums' }],
  ['a warning of something else than rows', { checks: ['state'], object: 'sums' }],
  ['a warning of another table', { object: 'others' }],
])('%s explains nothing', (_, changes) => {
  expect(count({ ...warning, ...changes })['sums']).toEqual({ before: 2, after: 1, note: null });
});
