import { expect, test } from 'vitest';
import type { Difference } from '../snapshot/difference.ts';
import { weighFromElsewhere } from './other-server.ts';

const difference = (rule: string, object: string, expected = 'one'): Difference => ({
  rule,
  severity: 'error',
  object,
  expected,
  actual: 'another',
  remedy: '',
});

test.each([
  ['DATABASE_CHANGED', 'datcollate', 'one', 'warning', 'warning'],
  ['DATABASE_CHANGED', 'datcollversion', 'one', 'warning', 'warning'],
  ['DATABASE_CHANGED', 'datconnlimit', 'one', 'warning', 'warning'],
  ['DATABASE_CHANGED', 'encoding', 'one', 'error', 'warning'],
  ['COLLATION_VERSION_CHANGED', 'de', 'one', 'warning', 'warning'],
  ['DATABASE_SETTING_MISSING', 'work_mem', '64MB', 'error', 'error'],
  ['DATABASE_SETTING_MISSING', 'app.key', 'a value with the hash 012345678901', 'warning', 'warning'],
  ['ROLE_UNEXPECTED', 'postgres', 'none', undefined, undefined],
  ['ROLE_MISSING', 'anna', 'one', 'error', 'error'],
  ['CONTENT_MISMATCH', 'users', 'one', 'error', 'error'],
  ['LARGE_OBJECT_CHANGED', 'large objects', 'one', 'error', 'error'],
  ['TABLE_CHANGED', 'users', 'one', 'error', 'warning'],
  ['INDEX_MISSING', 'users_by_name', 'one', 'error', 'error'],
] as const)(
  '%s of %s (%s) from elsewhere is a %s, and from another major version a %s',
  (rule, object, expected, same, other) => {
    expect(weighFromElsewhere(difference(rule, object, expected), true)?.severity).toBe(same);
    expect(weighFromElsewhere(difference(rule, object, expected), false)?.severity).toBe(other);
  },
);
