import { expect, test } from 'vitest';
import { describeEngine, describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { runRehearse } from '../fixtures/testing/run-rehearse.ts';
import { isLongRun, sampleOf } from '../fixtures/testing/sample.ts';
import { everyFault } from '../src/rehearsal/faults/every-fault.ts';

/** All of them take minutes: they are tried in the long run, and every night. */
const rehearsal = isLongRun ? 'faults' : 'fixtures/damaged/some-faults.rehearsal.ts';

describeEitherEngine('faults', (engine) => {
  test('are all caught, each by its finding', { timeout: 400_000 }, async () => {
    const result = await runRehearse({ engine, args: [rehearsal] });

    const { verdict, selfChallenge, checks } = result.evidence ?? {};
    const notCaught = selfChallenge?.faults.filter(({ outcome }) => outcome !== 'caught');
    expect(notCaught).toEqual([]);
    expect(selfChallenge).toMatchObject({ tried: selfChallenge?.caught, missed: 0, notTried: 0 });
    // None may vanish, and each is tried once.
    const wanted = sampleOf(everyFault, ({ kind }) => kind, 5).map(({ name }) => name);
    const tables = ['users', 'masters', 'bookings'].map((table) => `a row of ${table} is lost`);
    expect(selfChallenge?.faults.map(({ name }) => name).toSorted()).toEqual([...wanted, ...tables].toSorted());
    expect(checks?.map(({ id, status }) => [id, status])).toContainEqual(['self-challenge', 'passed']);
    expect(verdict).toBe('verified');
    expect(result.exitCode).toBe(0);
    await expectNothingLeft(engine, result);
  });
});

test('there are more than 80, each with a name of its own', () => {
  expect(everyFault.length).toBeGreaterThan(80);
  expect(new Set(everyFault.map(({ name }) => name)).size).toBe(everyFault.length);
});

describeEngine('local', 'a challenge', () => {
  test('that misses a fault is not verified, and says which', async () => {
    const { evidence, exitCode, output } = await runRehearse({
      engine: 'local',
      args: ['fixtures/damaged/fault-missed.rehearsal.ts'],
    });
    expect(evidence?.selfChallenge?.faults.map(({ name, outcome, actual }) => [name, outcome, actual])).toEqual([
      ['a row is lost', 'caught', 'compare: ROW_COUNT_MISMATCH (not-verified)'],
      ['nothing is wrong', 'missed', 'nowhere: nothing (verified)'],
      ['it is found by another name', 'missed', 'compare: ROW_COUNT_MISMATCH (not-verified)'],
      ['it is found too late', 'missed', 'compare: ROW_COUNT_MISMATCH (not-verified)'],
      ['it has another verdict', 'missed', 'compare: ROW_COUNT_MISMATCH (not-verified)'],
      ['a row of users is lost', 'caught', 'compare: ROW_COUNT_MISMATCH (not-verified)'],
      ['a row of masters is lost', 'caught', 'compare: ROW_COUNT_MISMATCH (not-verified)'],
      ['a row of bookings is lost', 'caught', 'compare: ROW_COUNT_MISMATCH (not-verified)'],
    ]);
    expect(evidence?.findings.map(({ rule }) => rule)).toEqual(Array(4).fill('FAULT_MISSED'));
    expect(evidence?.verdict).toBe('not-verified');
    expect(exitCode).toBe(1);
    expect(output).toContain('When nothing is wrong, compare should find ROW_COUNT_MISMATCH');
  });

  test('that does not try every fault there is could not be run, though all it tried were caught', async () => {
    const { evidence, exitCode, output } = await runRehearse({
      engine: 'local',
      args: ['fixtures/damaged/fault-not-tried.rehearsal.ts'],
    });
    expect(evidence?.selfChallenge).toMatchObject({ tried: 2, caught: 2, missed: 0, notTried: 0 });
    expect(evidence?.steps.at(-1)?.error).toMatchObject({ code: 'FAULTS_NOT_TRIED' });
    expect(evidence).toMatchObject({ verdict: 'could-not-run', findings: [] });
    expect(exitCode).toBe(2);
    expect(output).toContain('a row of users is lost (restored state)');
  });

  test('whose copies do not even pass without damage is not verified', async () => {
    const { evidence } = await runRehearse({
      engine: 'local',
      args: ['fixtures/damaged/flawed-copy.rehearsal.ts'],
    });
    expect(evidence).toMatchObject({ verdict: 'not-verified', selfChallenge: null });
    expect(evidence?.findings.map(({ rule }) => rule)).toEqual(['ROW_COUNT_MISMATCH']);
    expect(evidence?.checks.filter(({ id }) => ['intact-copies', 'self-challenge'].includes(id))).toMatchObject([
      { status: 'not-run' },
      { status: 'not-run' },
    ]);
  });
});
