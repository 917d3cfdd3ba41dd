import { describe, expect, test } from 'vitest';
import { compareHashPartitions, hashedTableOf } from './compare-hash-partitions.ts';
import type { TableSnapshot } from './table-snapshot.ts';

/** A digest is two sums, of which each wraps at 2^64. */
const digest = (high: string, low = high) => `${high.padStart(16, '0')}${low.padStart(16, '0')}`;

function partition(name: string, rows: number, digest: string | null, hashedIn = 'paints'): TableSnapshot {
  return { name, kind: 'table', rows, digest, notRead: null, hashedIn };
}

const first = partition('p0', 2, digest('2', '20'));
const second = partition('p1', 3, digest('3', '30'));
const all = [first, second];

function compare(before: TableSnapshot[], after: TableSnapshot[]) {
  return compareHashPartitions(before, after, hashedTableOf(before, after)).map(
    ({ rule, object, expected, actual }) => [rule, object, expected, actual],
  );
}

const moved = (rows: string, partitions: string) => [
  'ROWS_IN_OTHER_PARTITIONS',
  'paints',
  `its ${rows} in the same hash partitions`,
  `all of them, and others than before in ${partitions}`,
];
const withSums = (table: string) => [partition('q0', 1, digest('1'), table), partition('q1', 1, digest('2'), table)];

describe('hash partitions', () => {
  test('that hold the same are equal', () => {
    expect(compare(all, [second, first])).toEqual([]);
  });

  test('between which a row moved hold the same together', () => {
    const after = [partition('p0', 1, digest('1', '10')), partition('p1', 4, digest('4', '40'))];
    expect(compare(all, after)).toEqual([moved('5 rows', 'p0, p1')]);
  });

  test('hold the same together, too, where the sums of their digests wrap', () => {
    const most = 'ffffffffffffffff';
    const after = [partition('p0', 2, digest(most)), partition('p1', 3, digest('6', '51'))];
    expect(compare(all, after)).toEqual([moved('5 rows', 'p0, p1')]);
  });

  test.each([
    ['high', digest('3', '20')],
    ['low', digest('2', '21')],
  ])('differ where the %s half of their sum does', (_, changed) => {
    const [found] = compare(all, [partition('p0', 2, changed), second]);
    expect(found?.slice(0, 3)).toEqual(['CONTENT_MISMATCH', 'paints', `digest ${digest('5', '50')}`]);
    expect(found?.[3]).toMatch(/^digest [\da-f]{32}; the partitions that differ are p0$/);
  });

  test('that lack a row lack it in their table', () => {
    expect(compare(all, [partition('p0', 1, digest('1', '10')), second])).toEqual([
      ['ROW_COUNT_MISMATCH', 'paints', '5 rows', '4 rows; the partitions that differ are p0'],
    ]);
  });

  test('that are missing or could not be read are left to who compares tables', () => {
    const unread = { ...second, rows: null, digest: null, notRead: 'permission denied' };
    const changed = partition('p0', 1, digest('1'));
    expect(compare(all, [first])).toEqual([]);
    expect(compare([first, unread], [changed, second])).toEqual([]);
    expect(compare(all, [changed, unread])).toEqual([]);
  });

  test('that are partitioned themselves are known by their own partitions', () => {
    const between = { ...partition('between', 5, null), kind: 'partitioned' as const };
    const after = [partition('p0', 3, digest('3', '30')), partition('p1', 2, digest('2', '20'))];
    expect(compare([between, ...all], [between, ...after])).toEqual([moved('5 rows', 'p0, p1')]);
  });

  test('of several tables are told apart', () => {
    const after = [partition('p0', 3, digest('3', '30')), partition('p1', 2, digest('2', '20'))];
    expect(compare([...all, ...withSums('inks')], [...withSums('inks'), ...after])).toEqual([
      moved('5 rows', 'p0, p1'),
    ]);
    expect(compare([...all, ...withSums('inks')], [...all, partition('q1', 1, digest('2'), 'inks')])).toEqual([]);
  });
});

test('rows that moved are no loss, and say so', () => {
  const [found] = compareHashPartitions(
    all,
    [
      { ...first, name: 'p1' },
      { ...second, name: 'p0' },
    ],
    hashedTableOf(all, []),
  );
  expect(found).toMatchObject({ kind: 'changed', origin: 'derived', severity: 'error' });
  expect(found?.remedy).toMatch(/^Nothing is lost/);
});

test('hash partitions are known by either side, and tables that are none are not among them', () => {
  const plain = partition('p0', 2, digest('1'));
  const unknown = { ...plain, hashedIn: undefined };
  for (const [before, after] of [
    [plain, unknown],
    [unknown, plain],
  ] as const) {
    expect([...hashedTableOf([before], [after])]).toEqual([['p0', 'paints']]);
  }
  expect([...hashedTableOf([unknown], [unknown])]).toEqual([]);
});
