import { expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import type { Evidence } from '../schema.ts';
import { testResultOf } from './test-result.ts';

const finding = {
  rule: 'BACKUP_STALE',
  severity: 'warning',
  object: 'o',
  message: 'm',
  remedy: 'r',
  diff: null,
} as const;
const check = (id: string, status: Evidence['checks'][number]['status']) => {
  return { id, status, reason: null, expected: null, actual: null };
};
const failedStep = { name: 'Restore', status: 'failed', durationMs: 1, facts: {}, error: null } as const;

test.for<[string, Partial<Evidence>, object]>([
  ['passed', {}, { result: 'PASSED', passedTests: ['row-counts'], warnedTests: [], failedTests: [] }],
  ['passed with warnings', { findings: [finding, finding] }, { result: 'WARNED', warnedTests: ['BACKUP_STALE'] }],
  [
    'found the backup wanting',
    { verdict: 'not-verified', checks: [check('a', 'failed'), check('b', 'passed')] },
    { result: 'FAILED', passedTests: ['b'], failedTests: ['a'] },
  ],
  [
    'could not run: that is no pass, and what was not run is in no list',
    { verdict: 'could-not-run', checks: [check('a', 'not-run'), check('b', 'not-applicable')], steps: [failedStep] },
    { result: 'FAILED', passedTests: [], failedTests: ['Restore'] },
  ],
])('in the words of in-toto, a rehearsal that %s', ([, changes, expected]) => {
  expect(testResultOf(makeEvidence(changes), { name: 'evidence.json' })).toMatchObject({
    configuration: [{ name: 'evidence.json' }],
    ...expected,
  });
});

test.for([
  ['https://ci.example/runs/7', 'https://ci.example/runs/7'],
  ['CI', undefined],
  ['/runs/7', undefined],
  [null, undefined],
] as const)('a run of CI is linked to where it has an address: %s', ([ci, url]) => {
  const trigger = { ...makeEvidence().trigger, ci };
  expect((testResultOf(makeEvidence({ trigger }), {}) as { url?: string }).url).toBe(url);
});
