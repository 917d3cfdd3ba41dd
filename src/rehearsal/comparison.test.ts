import { describe, expect, test } from 'vitest';
import { differencesByFacet, omit, plainSnapshot } from '../../fixtures/testing/one-difference.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';
import { here, type Reference } from '../snapshot/weigh.ts';
import { describeComparison } from './comparison.ts';

const table = (name: string, changes: Partial<TableSnapshot> = {}): TableSnapshot => ({
  name,
  kind: 'table',
  rows: 3,
  digest: 'a',
  notRead: null,
  ...changes,
});
const unread = (name: string, changes: Partial<TableSnapshot> = {}) =>
  table(name, { rows: null, digest: null, notRead: 'permission denied', ...changes });
const snapshot = (...tables: TableSnapshot[]): Snapshot => ({
  digestVersion: 2,
  tables,
  largeObjects: { rows: 0, digest: '' },
  sequences: [],
  schema: {},
  state: {},
});
const compare = (before: Snapshot, after: Snapshot) =>
  describeComparison(before, after, { tables: [], ownership: 'runbook', database: { owner: 'app' } });
const statuses = (before: Snapshot, after: Snapshot) =>
  Object.fromEntries((compare(before, after).checks ?? []).map(({ id, status }) => [id, status]));

describe('rows that were not read', () => {
  test.each([
    ['at the source', snapshot(table('users'), unread('secrets')), snapshot(table('users'), table('secrets'))],
    [
      'in the restored database',
      snapshot(table('users'), table('secrets')),
      snapshot(table('users'), unread('secrets')),
    ],
    ['on both sides', snapshot(unread('secrets')), snapshot(unread('secrets'))],
  ])('%s leave counts and content unchecked', (_, before, after) => {
    const { checks = [], findings } = compare(before, after);
    expect(findings).toEqual([]);
    const reason = expect.stringContaining('secrets: permission denied') as string;
    for (const id of ['row-counts', 'content']) {
      expect(checks).toContainEqual(expect.objectContaining({ id, status: 'not-run', reason, actual: null }));
    }
    expect(statuses(before, after)).toMatchObject({
      'large-objects': 'passed',
      definitions: 'passed',
      state: 'passed',
    });
  });

  test('are in the coverage, by name and reason', () => {
    const { coverage } = compare(snapshot(unread('secrets')), snapshot(table('secrets')));
    expect(coverage?.notChecked).toContainEqual({ what: 'rows of the table secrets', why: 'permission denied' });
  });

  test('leave what differs in another table a failure', () => {
    const before = snapshot(table('users'), unread('secrets'));
    const after = snapshot(table('users', { digest: 'b' }), table('secrets'));
    expect(statuses(before, after)).toMatchObject({ 'row-counts': 'not-run', content: 'failed' });
  });

  test.each(['foreign table', 'materialized view'] as const)('of a %s are not missing', (kind) => {
    const both = snapshot(table('users'), unread('elsewhere', { kind }));
    expect(statuses(both, both)).toMatchObject({ 'row-counts': 'passed', content: 'passed' });
  });
});

describe('digests', () => {
  test('of the first release are compared, with a warning', () => {
    const old = { ...snapshot(table('users')), digestVersion: 1 as const };
    expect(compare(old, old).findings).toEqual([
      expect.objectContaining({ rule: 'DIGEST_OUTDATED', severity: 'warning' }),
    ]);
    expect(compare(snapshot(table('users')), snapshot(table('users'))).findings).toEqual([]);
  });

  test('of different versions are not compared', () => {
    const both = snapshot(table('users'));
    expect(() => compare({ ...both, digestVersion: 1 }, both)).toThrow('Digests of version 2');
  });
});

describe.each(Object.entries(differencesByFacet))(
  'a difference in %s fails its own checks, and no other:',
  (_, all) => {
    test.each(all)('$what', ({ changes, fails }) => {
      const after = { ...plainSnapshot, ...changes };
      const { checks = [], findings } = describeComparison(plainSnapshot, after, {
        tables: [],
        ownership: 'preserve',
        database: { owner: 'app' },
      });
      expect(findings).toHaveLength(1);
      expect(checks.filter(({ status }) => status === 'failed').map(({ id }) => id)).toEqual(fails);
      expect(checks.filter(({ status }) => status === 'passed')).toHaveLength(6 - fails.length);
    });
  },
);

test('a check that a warning passes says which object it is about', () => {
  const view = table('totals', { kind: 'materialized view' });
  const { checks, findings } = compare(snapshot(view), snapshot({ ...view, digest: 'b' }));
  expect(findings).toMatchObject([{ rule: 'CONTENT_MISMATCH', severity: 'warning' }]);
  expect(checks?.[1]).toMatchObject({
    id: 'content',
    status: 'passed',
    actual: 'all are but totals, which a warning tells of',
  });
});

describe('coverage', () => {
  const seen = omit(plainSnapshot.state, ['SUBSCRIPTION']);
  const coverageOf = (before: Partial<Snapshot>, reference?: Reference) => {
    const compared = { tables: [], ownership: 'preserve' as const, database: { owner: 'app' } };
    return describeComparison({ ...plainSnapshot, ...before }, plainSnapshot, compared, reference).coverage;
  };

  test('names what is compared, each thing once', () => {
    const { checked = [], notChecked } = coverageOf({}) ?? {};
    expect(checked).toHaveLength(Object.keys(differencesByFacet).length + 1);
    expect(checked).toContain('subscriptions');
    expect(notChecked?.map(({ what }) => what)).not.toContain('subscriptions');
  });

  test.each<[string, Snapshot['denied'], string]>([
    ['the role might not see', ['SUBSCRIPTION'], 'the role that the database was read with may not see it'],
    ['an older release did not read', [], 'the manifest was written by an older release, and does not hold it'],
  ])('says why a thing is not compared that %s', (_why, denied = [], why) => {
    const { checked, notChecked } = coverageOf({ denied, state: seen }) ?? {};
    expect(checked).not.toContain('subscriptions');
    expect(notChecked).toContainEqual({ what: 'subscriptions', why: expect.stringContaining(why) as string });
  });

  test('names what a newer manifest holds besides, and a warning does, too', () => {
    const newer = { ...plainSnapshot, unknown: ['snapshot.state.STATISTICS'] };
    const { findings, coverage, checks } = compare(newer, plainSnapshot);
    expect(findings).toMatchObject([{ rule: 'MANIFEST_NEWER', severity: 'warning' }]);
    expect(findings?.[0]?.message).toContain('snapshot.state.STATISTICS');
    expect(coverage?.notChecked.map(({ what }) => what)).toContain('snapshot.state.STATISTICS');
    expect(checks?.every(({ status }) => status === 'passed')).toBe(true);
  });

  test('is silent of what is left out', () => {
    const { checked = [], notChecked = [] } =
      coverageOf({ state: {} }, { ...here, leftOut: ['ROLE', 'DATABASE'] }) ?? {};
    const all = [...checked, ...notChecked.map(({ what }) => what)].join('; ');
    expect(all).not.toMatch(/attributes and settings of roles|encoding/);
    expect(all).toContain('memberships of roles');
  });
});

describe('what roles have set in the database', () => {
  const settings = {
    statement_timeout: '5min',
    'search_path for app': 'app',
    'search_path for reporting': 'reports',
    'app.key for reporting': 'a value with the hash 0',
  };
  const before = { ...plainSnapshot, state: { ...plainSnapshot.state, DATABASE_SETTING: settings } };
  const after = { ...plainSnapshot, state: { ...plainSnapshot.state, DATABASE_SETTING: {} } };
  const lost = (ownership: 'runbook' | 'preserve') =>
    describeComparison(before, after, { tables: [], ownership, database: { owner: 'app' } }).findings?.map(
      ({ object }) => object,
    );

  test('is compared for all of them where roles come back', () => {
    expect(lost('preserve')).toEqual(Object.keys(settings));
  });

  test('is compared for the owner where they do not', () => {
    expect(lost('runbook')).toEqual(['statement_timeout', 'search_path for app']);
  });
});
