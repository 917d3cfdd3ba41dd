import { expect, test } from 'vitest';
import { makeDrill } from '../../../fixtures/testing/drills.ts';
import { rehearseSteps } from '../../../fixtures/testing/rehearse-steps.ts';
import type { Milestone } from '../stopwatch.ts';
import { checkApplication } from './check-application.ts';

/** How long before the application answers each was reached, in milliseconds. */
const reached: [Milestone, number][] = [
  ['snapshot', 2_000_000],
  ['gone', 1_000_000],
  ['probed', 900_000],
  ['recreated', 700_000],
  ['restored', 400_000],
  ['compared', 60_000],
];

test('the clock of clean-state runs from the moment the database is gone until the application answers', async () => {
  const drill = await makeDrill({});
  const startedAt = performance.now();
  for (const [milestone, before] of reached) drill.stopwatch.mark(milestone, startedAt - before);
  // Without an application nothing of the restored database is read.
  const needs = { application: null } as Parameters<typeof checkApplication>[1];
  const { contribution, rules } = await rehearseSteps(drill, (step) => step('check', checkApplication, needs));
  expect(rules).toEqual([]);
  const { measuredMs, phases } = contribution('check').objectives?.rto ?? expect.fail('There is no RTO.');
  const { application, ...before } = phases;
  expect(before).toEqual({ probe: 100_000, recreate: 200_000, restore: 300_000, compare: 340_000 });
  expect(application).toBeGreaterThanOrEqual(60_000);
  expect(measuredMs).toBe(940_000 + (application ?? 0));
});
