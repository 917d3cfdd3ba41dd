import { expect, test } from 'vitest';
import { assertPlanWithin } from './plan-age.ts';

const plan = { createdAt: '2026-02-09T01:17:00.000Z' };
const hour = 3_600_000;
const merge = (time: string, withinMs: number | null) => () => {
  assertPlanWithin(plan, 'plan.json', withinMs, new Date(time));
};

test('the plan of tonight is merged, and that of yesterday is not', () => {
  expect(merge('2026-02-09T05:30:00Z', 20 * hour)).not.toThrow();
  expect(merge('2026-02-10T05:30:00Z', 20 * hour)).toThrow(
    /plan\.json is of 2026-02-09T01:17:00\.000Z, 1d ago, and --within allows 20h/,
  );
});

test('where nobody asks, every plan is merged', () => {
  expect(merge('2027-02-09T05:30:00Z', null)).not.toThrow();
});
