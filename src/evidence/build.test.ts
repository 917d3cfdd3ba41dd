import { describe, expect, test } from 'vitest';
import { passedStep, runFacts } from '../../fixtures/testing/evidence.ts';
import { buildEvidence, type FinishedStep } from './build.ts';
import { evidenceSchema, type Finding } from './schema.ts';

const finding: Finding = { rule: 'ROW_COUNT_MISMATCH', severity: 'error', object: 't', message: 'm', remedy: 'r' };

/** Metadata of a step that says of itself that it passed. */
const { meta: passedMeta } = passedStep();
const failure = { code: 'SERVER_LOST', message: 'The server went away.' };

test('a rehearsal whose steps all passed is verified', () => {
  const evidence = buildEvidence(runFacts, [passedStep('Seed'), passedStep('Compare')]);
  expect(evidence).toMatchObject({
    schemaVersion: 1,
    id: runFacts.id,
    rehearsal: 'clean-state',
    verdict: 'verified',
    startedAt: '2026-02-09T09:48:03.120Z',
    finishedAt: '2026-02-09T09:48:05.620Z',
    steps: [
      { name: 'Seed', status: 'passed', durationMs: 12, error: null },
      { name: 'Compare', status: 'passed', durationMs: 12, error: null },
    ],
  });
});

describe('a step counts as passed only if its test passed and it says so itself', () => {
  test.for([
    ['a skipped test', { state: 'skipped', meta: undefined }, 'skipped'],
    ['a skipped test that says it passed', { state: 'skipped' }, 'skipped'],
    ['a test that is pending', { state: 'pending', meta: undefined }, 'not-run'],
    ['a test that is pending and says it passed', { state: 'pending' }, 'failed'],
    ['a failed test that says it passed', { state: 'failed', errors: ['timed out'] }, 'failed'],
    ['a failed test that says nothing', { state: 'failed', errors: ['worker died'], meta: undefined }, 'failed'],
    ['a passed test that says nothing', { state: 'passed', meta: undefined }, 'not-run'],
    ['a passed test that says it failed', { meta: { ...passedMeta, status: 'failed', error: failure } }, 'failed'],
    ['a passed test that says it was skipped', { meta: { ...passedMeta, status: 'skipped' } }, 'failed'],
  ] as [string, Partial<FinishedStep>, string][])('%s is not', ([, changes, status]) => {
    const evidence = buildEvidence(runFacts, [passedStep('First'), { ...passedStep('Second'), ...changes }]);
    expect(evidence.steps.map((step) => step.status)).toEqual(['passed', status]);
    expect(evidence.verdict).toBe('could-not-run');
    expect(evidenceSchema.parse(evidence)).toEqual(evidence);
  });
});

describe('a failed step has the reason', () => {
  test.for([
    ['that it recorded', { meta: { ...passedMeta, status: 'failed', error: failure }, errors: ['other'] }, failure],
    ["of its test's errors", { meta: undefined, errors: ['one', 'two'] }, { code: 'INTERNAL', message: 'one\ntwo' }],
    ['or that there is none', { errors: [] }, { code: 'INTERNAL', message: 'The step did not record how it ended.' }],
  ] as [string, Partial<FinishedStep>, unknown][])('%s', ([, changes, error]) => {
    const { steps } = buildEvidence(runFacts, [{ ...passedStep(), state: 'failed', ...changes }]);
    expect(steps).toMatchObject([{ status: 'failed', error }]);
  });
});

describe('a check that was announced and not made is not-run', () => {
  test.for([
    ['by a step that was not reached', { state: 'skipped', meta: undefined }, 'the step "Compare" was not reached'],
    ['by a step that failed', { state: 'failed', meta: undefined }, 'the step "Compare" did not come to it'],
    [
      'by a step that passed',
      { meta: passedStep('Compare', { checks: [] }).meta },
      'the step "Compare" did not come to it',
    ],
  ] as [string, Partial<FinishedStep>, string][])('%s', ([, changes, reason]) => {
    const { checks, verdict } = buildEvidence(runFacts, [
      passedStep('Restore'),
      { ...passedStep('Compare'), plannedChecks: ['row-counts', 'content'], ...changes },
    ]);
    const expected = { status: 'not-run', reason, expected: null, actual: null };
    expect(checks.filter(({ status }) => status === 'not-run')).toEqual([
      { id: 'row-counts', ...expected },
      { id: 'content', ...expected },
    ]);
    expect(verdict).toBe('could-not-run');
  });

  test('and one that was made stays as it was made', () => {
    const { checks } = buildEvidence(runFacts, [{ ...passedStep(), plannedChecks: ['content', 'row-counts'] }]);
    expect(checks.map(({ id, status }) => [id, status])).toEqual([
      ['row-counts', 'passed'],
      ['content', 'not-run'],
    ]);
  });
});

describe('errors outside of any step', () => {
  const interruption = { code: 'INTERRUPTED', message: 'The rehearsal was interrupted before its end.' };

  test('are failed steps of their own, so nothing is verified', () => {
    const { steps, verdict } = buildEvidence({ ...runFacts, errors: [interruption] }, [passedStep()]);
    expect(steps).toMatchObject([
      { status: 'passed' },
      { name: 'Run the rehearsal', status: 'failed', durationMs: null, error: interruption },
    ]);
    expect(verdict).toBe('could-not-run');
  });

  test('do not hide what was found', () => {
    const compared = passedStep('Compare', { findings: [finding] });
    const { findings, verdict } = buildEvidence({ ...runFacts, errors: [interruption] }, [compared]);
    expect(findings).toEqual([{ ...finding, diff: null }]);
    expect(verdict).toBe('not-verified');
  });

  test('are all there is of a suite that could not be loaded', () => {
    const { steps, checks, verdict } = buildEvidence({ ...runFacts, errors: [interruption] }, []);
    expect([steps.length, checks.length, verdict]).toEqual([1, 0, 'could-not-run']);
  });
});

test('a rehearsal without steps is not verified', () => {
  expect(buildEvidence(runFacts, []).verdict).toBe('could-not-run');
});

test('a diff stays a field of its own, beside a message that may look like one', () => {
  const findings = [
    { ...finding, message: 'm\n--- source\n+++ restored', diff: '--- source\n-x' },
    { ...finding, diff: null },
  ];
  expect(buildEvidence(runFacts, [passedStep('Compare', { findings })]).findings).toEqual(findings);
});

test('what was left behind is a warning that names it', () => {
  const { findings, verdict } = buildEvidence({ ...runFacts, leftBehind: ['container x'] }, [passedStep()]);
  expect(findings).toMatchObject([
    { rule: 'LEFT_BEHIND', severity: 'warning', message: expect.stringContaining('container x') as string },
  ]);
  expect(verdict).toBe('verified');
});

test('what the steps contributed is put together', () => {
  const subject = {
    file: 'x.dump',
    sha256: 'a'.repeat(64),
    bytes: 7,
    takenAt: '2026-02-09T09:48:04.000Z',
    format: 'custom',
    dumpVersion: '16.4',
  };
  const rto = { targetMs: 3_600_000, measuredMs: 900, met: true, phases: { restore: 900 } };
  const notChecked = [{ what: 'roles', why: 'they are not in the dump' }];
  const steps = [
    passedStep('Start', { environment: { engine: 'local', engineReason: 'it is here', serverVersion: '16.4' } }),
    passedStep('Dump', { subject, environment: { tools: { pg_dump: '16.4' } }, facts: { bytes: 7 } }),
    passedStep('Compare', { counts: { users: { before: 3, after: 3 } }, coverage: { checked: ['rows'], notChecked } }),
    passedStep('Answer', { objectives: { rto }, coverage: { checked: ['health'], notChecked: [] } }),
  ];
  const evidence = buildEvidence(runFacts, steps);
  expect(evidence).toMatchObject({
    subject,
    counts: { users: { before: 3, after: 3 } },
    coverage: { checked: ['rows', 'health'], notChecked },
    objectives: { rto, rpo: { targetMs: 86_400_000, measuredMs: null, met: null } },
    environment: {
      ...runFacts.host,
      engine: 'local',
      engineReason: 'it is here',
      serverVersion: '16.4',
      tools: { pg_dump: '16.4' },
      image: null,
      imageDigest: null,
      settings: {},
      settingsFrom: 'throwaway',
      unlikeProduction: [],
      isolation: { server: null, application: null },
    },
  });
  expect(evidence.steps[1]?.facts).toEqual({ bytes: 7 });
  expect(evidenceSchema.parse(evidence)).toEqual(evidence);
});

test('what is unknown is null, and nothing is missing', () => {
  const evidence = buildEvidence(runFacts, [{ ...passedStep(), meta: undefined, plannedChecks: [] }]);
  expect(evidenceSchema.parse(evidence)).toMatchObject({
    subject: null,
    previous: null,
    counts: {},
    checks: [],
    findings: [],
    controls: [],
    coverage: { checked: [], notChecked: [] },
    objectives: { rto: { measuredMs: null, met: null, phases: {} }, rpo: { measuredMs: null, met: null } },
    environment: { engine: null, serverVersion: null, tools: {} },
  });
});
