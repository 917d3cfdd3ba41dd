import { expect, test } from 'vitest';
import { longestPartMs, sizeForKubernetes } from './kubernetes-sizes.ts';
import type { PlannedDatabase } from './plan.ts';

const database = (name: string, diskBytes: number | null, expectedMs: number) =>
  ({ name, diskBytes, expectedMs, overdueMs: null }) as PlannedDatabase;
const databases = [database('a', 10e9, 9000), database('b', 100e9, 4000), database('c', null, 3000)];

function sizesOf(given: PlannedDatabase[], shards: number): Record<string, string | number> {
  return Object.fromEntries(
    sizeForKubernetes({ databases: given }, shards).map(({ path, value }) => [
      path.split('/').slice(-2).join('/'),
      value,
    ]),
  );
}

test('every pod has room for the largest database, and a half more', () => {
  expect(sizesOf(databases, 2)).toEqual({
    'spec/completions': 2,
    'spec/parallelism': 2,
    '0/value': '2',
    'requests/memory': '977Mi',
    'limits/memory': '1954Mi',
    'requests/storage': '142Gi',
  });
});

test('there are no more parts than databases, and what has no size has room for a small one', () => {
  expect(sizesOf([database('c', null, 1)], 9)).toMatchObject({ 'spec/completions': 1, 'requests/storage': '2Gi' });
});

test('the longest part is what all wait for', () => {
  expect(longestPartMs({ databases }, 2)).toBe(9000);
  expect(longestPartMs({ databases }, 1)).toBe(16_000);
});
