import { expect, onTestFinished, test } from 'vitest';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { measureObjectives, type Age } from './objectives.ts';

const hour = 3_600_000;

/** A restore that took so long after `gone`, in two phases, of a database for which an hour, and a day of loss, are allowed. */
async function measure(tookMs: number, age: Age = 0) {
  const drill = await makeDrill({ objectives: { rto: '1h', rpo: '24h' } });
  onTestFinished(async () => {
    await drill.run.dispose();
  });
  drill.stopwatch.mark('chosen', 0);
  drill.stopwatch.mark('gone', 1000);
  drill.stopwatch.mark('restored', 1400);
  drill.stopwatch.mark('answering', 1000 + tookMs);
  const { objectives, checks, findings } = measureObjectives(
    drill,
    [
      ['restore', 'gone', 'restored'],
      ['application', 'restored', 'answering'],
    ],
    age,
  );
  return { ...objectives, checks: checks.map(({ status }) => status), rules: findings.map(({ rule }) => rule) };
}

test.each([
  [hour - 1, true],
  [hour, true],
  [hour + 1, false],
  [2 * hour, false],
])('an RTO of an hour and a restore of %i ms: met is %s, for check and finding, too', async (tookMs, met) => {
  const { rto, checks, rules } = await measure(tookMs);
  expect(rto).toEqual({
    ...{ targetMs: hour, measuredMs: tookMs, met },
    phases: { restore: 400, application: tookMs - 400 },
  });
  expect(checks).toEqual([met ? 'passed' : 'failed', 'passed']);
  expect(rules).toEqual(met ? [] : ['RTO_EXCEEDED']);
});

test.each([
  [24 * hour, true],
  [24 * hour + 1, false],
  [48 * hour, false],
])('an RPO of a day and data of %i ms: met is %s, for check and finding, too', async (age, met) => {
  const { rpo, checks, rules } = await measure(1000, age);
  expect(rpo).toEqual({ targetMs: 24 * hour, measuredMs: age, met, notApplicable: null });
  expect(checks).toEqual(['passed', met ? 'passed' : 'failed']);
  expect(rules).toEqual(met ? [] : ['RPO_EXCEEDED']);
});

test('data that has no age meets no RPO, and misses none', async () => {
  const { rpo, checks, rules } = await measure(1000, { notApplicable: 'it was seeded' });
  expect(rpo).toEqual({ targetMs: 24 * hour, measuredMs: null, met: null, notApplicable: 'it was seeded' });
  expect({ checks, rules }).toEqual({ checks: ['passed', 'not-applicable'], rules: [] });
});
