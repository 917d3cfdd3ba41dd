import { expect, test } from 'vitest';
import { compareVolume } from './volume.ts';

const rows = (after: number | null) => ({ before: after, after });
const volume = { mayShrinkBy: 0.2, tables: { sessions: 1, orders: 0 } };

test.each([
  ['as much', 100, 100, []],
  ['more', 100, 5000, []],
  ['as much less as it may', 100, 80, []],
  ['a little less than it may', 100, 79, ['TABLE_SHRANK']],
  ['nothing any more', 100, 0, ['TABLE_SHRANK']],
  ['nothing, as before', 0, 0, []],
] as const)('a table that holds %s (%i, then %i)', (_, before, now, expected) => {
  const findings = compareVolume({ users: rows(before) }, { users: rows(now) }, volume, { earlier: 'yesterday' });
  expect(findings.map(({ rule }) => rule)).toEqual(expected);
});

test('a table of its own tolerance, and one that is gone', () => {
  const earlier = { sessions: rows(1000), orders: rows(1000), gone: rows(7), unread: rows(null) };
  const findings = compareVolume(earlier, { sessions: rows(0), orders: rows(999) }, volume, { earlier: 'yesterday' });
  expect(findings.map(({ object }) => object)).toEqual(['orders', 'gone']);
  expect(findings[0]?.message).toBe(
    'orders holds 999 rows; the backup of yesterday, the last one that was verified, held 1000. It may shrink by 0%, and shrank by 0.1%.',
  );
});
