import { expect, test } from 'vitest';
import type { Evidence } from './schema.ts';
import { describeUpgrade } from './upgrade.ts';

const steps = [{ facts: { upgradeFrom: 15, upgradeTo: 17 } }] as unknown as Evidence['steps'];
const findings = ['adminpack', 'adminpack', 'shop.f()'].map((object) => ({
  severity: 'error',
  object,
})) as Evidence['findings'];

test('an upgrade is ready, or not for named reasons, or nobody knows', () => {
  expect(describeUpgrade({ verdict: 'verified', steps, findings: [] })).toBe('ready for PostgreSQL 17');
  expect(describeUpgrade({ verdict: 'not-verified', steps, findings })).toBe(
    'not ready for PostgreSQL 17: adminpack, shop.f()',
  );
  expect(describeUpgrade({ verdict: 'could-not-run', steps, findings: [] })).toBeNull();
  expect(describeUpgrade({ verdict: 'verified', steps: [], findings: [] })).toBeNull();
});
