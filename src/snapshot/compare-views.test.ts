import { expect, test } from 'vitest';
import { compareView } from './compare-views.ts';
import type { TableSnapshot, ViewQuery } from './table-snapshot.ts';

const rows = { rows: 3, digest: 'a' };
const others = { rows: 2, digest: 'b' };
const plain: ViewQuery = { ...rows, notRead: null, reads: [], varies: [] };
const timedOut = 'its query took too long';

function view(name: string, query?: Partial<ViewQuery>, held = rows): TableSnapshot {
  const asked = query === undefined ? {} : { query: { ...plain, ...query } };
  return { name, kind: 'materialized view', ...held, notRead: null, ...asked };
}

function compare(query: Partial<ViewQuery> | undefined, after = others, ...more: TableSnapshot[]) {
  const before = view('totals', query);
  return compareView(before, view('totals', undefined, after), [before, ...more]);
}

test('a view that came back with other rows than its query gave is at fault', () => {
  expect(compare({})).toMatchObject({
    rule: 'ROW_COUNT_MISMATCH',
    severity: 'error',
    object: 'totals',
    expected: '3 rows',
    actual: '2 rows',
    remedy: expect.stringMatching(/functions, collations or policies/) as string,
  });
  expect(compare({})).not.toHaveProperty('origin');
});

test('so is one that was stale and came back with neither what it held nor what its query gave', () => {
  expect(compare({ rows: 4, digest: 'c' })).toMatchObject({ rule: 'ROW_COUNT_MISMATCH', expected: '4 rows' });
});

test('one that was stale and came back with what its query gave lost nothing', () => {
  expect(compare(others)).toMatchObject({
    rule: 'MATERIALIZED_VIEW_STALE',
    origin: 'derived',
    object: 'totals',
    expected: 'the 3 rows that it held at the source',
    actual: '2 rows of its query',
    remedy: expect.stringMatching(/had not been refreshed/) as string,
  });
});

test.each([
  ['was not read', undefined],
  ['could not be read', { rows: null, digest: null, notRead: timedOut }],
])('one whose query %s may differ for any reason', (_, query) => {
  expect(compare(query)).toMatchObject({
    rule: 'ROW_COUNT_MISMATCH',
    origin: 'derived',
    expected: '3 rows',
    remedy: expect.stringMatching(/^A restore computes it anew/) as string,
  });
});

test.each<[string, Partial<ViewQuery>, ...TableSnapshot[]]>([
  ['it depends on now(), random()', { varies: ['now()', 'random()'] }],
  ['it reads sums, of which that is not known', { reads: ['sums'] }],
  ['it reads sums, of which that is not known', { reads: ['sums'] }, view('sums')],
  [`it reads sums: ${timedOut}`, { reads: ['sums'] }, view('sums', { ...others, notRead: timedOut })],
  [
    'it reads sums, which had not been refreshed since its tables changed',
    { reads: ['sums'] },
    view('others', {}),
    view('sums', others),
  ],
  ['it reads sums: it depends on now()', { reads: ['sums'] }, view('sums', { varies: ['now()'] })],
  [
    'it reads sums: it reads days: it depends on now()',
    { reads: ['fresh', 'sums'] },
    view('fresh', {}),
    view('sums', { reads: ['days'] }),
    view('days', { varies: ['now()'] }),
  ],
])('one may vary, for %s', (why, query, ...more) => {
  const found = compare(query, others, ...more);
  expect(found).toMatchObject({
    rule: 'MATERIALIZED_VIEW_VARIES',
    origin: 'derived',
    expected: 'the 3 rows that it held at the source',
    actual: '2 rows of its query',
  });
  expect(found.remedy).toContain(`, and ${why}.`);
});

test('one that reads a fresh one has no excuse', () => {
  expect(compare({ reads: ['fresh'] }, others, view('fresh', {}))).toMatchObject({ rule: 'ROW_COUNT_MISMATCH' });
});
