import { expect, test } from 'vitest';
import { measureOutage } from './outage.ts';

test('an outage is the longest wait for a good answer, less the usual one', () => {
  expect(measureOutage([0, 10, 20, 30, 540, 550, 560], 35)).toEqual({ outageMs: 500, usualMs: 10 });
});

test('what was before the moment does not count, save the wait that it falls into', () => {
  expect(measureOutage([0, 900, 910, 920, 930], 915)).toEqual({ outageMs: 0, usualMs: 10 });
  expect(measureOutage([0, 10, 20, 120, 130], 60)).toEqual({ outageMs: 90, usualMs: 10 });
});

test('without an answer since, there is nothing to measure', () => {
  expect(measureOutage([0, 10], 20)).toBeNull();
  expect(measureOutage([], 0)).toBeNull();
});
