import { describe, expect, test } from 'vitest';
import type { Snapshot, TableSnapshot } from '../snapshot/snapshot.ts';
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
  describeComparison(before, after, { tables: [], ownership: 'runbook' });
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
