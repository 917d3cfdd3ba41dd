import { describe, expect, test } from 'vitest';
import type { Check, Finding, Step } from './schema.ts';
import { combineVerdicts, decideVerdict, exitStatus } from './verdict.ts';

const step = (status: Step['status']): Step => ({ name: 'x', status, durationMs: 1, facts: {}, error: null });
const check = (status: Check['status']): Check => ({ id: 'x', status, reason: null, expected: null, actual: null });
const finding = (severity: Finding['severity']): Finding => ({
  rule: 'X_Y',
  severity,
  object: 'x',
  message: 'x',
  remedy: 'x',
});

const passedSteps = [step('passed'), step('passed')];
const passedChecks = [check('passed')];

describe('a rehearsal is', () => {
  test.for([
    ['verified where all steps and checks passed', passedSteps, passedChecks, [], 'verified'],
    ['verified with a warning', passedSteps, passedChecks, [finding('warning')], 'verified'],
    ['verified where a check does not apply', passedSteps, [check('not-applicable'), ...passedChecks], [], 'verified'],
    ['not verified for an error', passedSteps, passedChecks, [finding('warning'), finding('error')], 'not-verified'],
    ['not verified for a failed check', passedSteps, [...passedChecks, check('failed')], [], 'not-verified'],
    [
      'not verified for a failed check, also where a step failed',
      [step('failed')],
      [check('failed')],
      [],
      'not-verified',
    ],
    [
      'not verified for an error, also where checks were not run',
      [step('failed')],
      [check('not-run')],
      [finding('error')],
      'not-verified',
    ],
    ['unknown without steps', [], passedChecks, [], 'could-not-run'],
    ['unknown without checks', passedSteps, [], [], 'could-not-run'],
    ['unknown where no check applies', passedSteps, [check('not-applicable')], [], 'could-not-run'],
    ['unknown where a check was not run', passedSteps, [...passedChecks, check('not-run')], [], 'could-not-run'],
    ['unknown where a step failed', [...passedSteps, step('failed')], passedChecks, [], 'could-not-run'],
    ['unknown where a step was skipped', [...passedSteps, step('skipped')], passedChecks, [], 'could-not-run'],
    ['unknown where a step was not run', [step('not-run'), ...passedSteps], passedChecks, [], 'could-not-run'],
    ['unknown without anything', [], [], [], 'could-not-run'],
  ] as [string, Step[], Check[], Finding[], string][])('%s', ([, steps, checks, findings, verdict]) => {
    expect(decideVerdict(steps, checks, findings)).toBe(verdict);
  });
});

test.for([
  [['verified', 'verified'], 'verified'],
  [['verified', 'could-not-run'], 'could-not-run'],
  [['verified', 'not-verified'], 'not-verified'],
  [['could-not-run', 'not-verified'], 'not-verified'],
  [['not-verified', 'could-not-run', 'verified'], 'not-verified'],
  [[], 'could-not-run'],
] as const)('rehearsals that are %j are together %s', ([verdicts, together]) => {
  expect(combineVerdicts([...verdicts])).toBe(together);
});

test('every verdict has its exit status', () => {
  expect(exitStatus).toEqual({ verified: 0, 'not-verified': 1, 'could-not-run': 2 });
});
