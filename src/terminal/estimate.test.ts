import { expect, test } from 'vitest';
import { describeAmount } from './describe-amount.ts';
import { describeLeft, estimate } from './estimate.ts';
import { Meter } from './meter.ts';
import { nextLineMs } from './sparse.ts';

const seconds = (...done: number[]) => done.map((each, index) => ({ atMs: index * 1000, done: each }));
const steady = (count: number, perSecond: number, from = 0) =>
  seconds(...Array.from({ length: count }, (_, index) => from + index * perSecond));

test('what is left follows from the speed, once enough was done for long enough', () => {
  expect(estimate(steady(11, 10), 400)).toEqual({ percent: 25, perSecond: 10, leftMs: 30_000 });
  // For too short a time, and too little of the whole.
  expect(estimate(steady(8, 10), 400)).toEqual({ percent: 17, perSecond: 10, leftMs: null });
  expect(estimate(steady(11, 10), 10_000)).toEqual({ percent: 1, perSecond: 10, leftMs: null });
});

test('without a total that can be right, there is speed alone', () => {
  const speed = { percent: null, perSecond: 10, leftMs: null };
  for (const total of [null, 0, -1, Number.NaN, 99]) expect(estimate(steady(11, 10), total)).toEqual(speed);
});

test('what stands still has no speed and no end, and nothing is above 100 % or below 0', () => {
  expect(estimate(steady(20, 0, 50), 100)).toEqual({ percent: 50, perSecond: null, leftMs: null });
  expect(estimate(steady(20, -1, 50), 100)).toEqual({ percent: 31, perSecond: null, leftMs: null });
  expect(estimate(steady(11, 10), 100)).toEqual({ percent: 100, perSecond: 10, leftMs: 0 });
  expect(estimate(steady(11, 1, -20), 100).percent).toBe(0);
  expect(estimate([], 100)).toEqual({ percent: null, perSecond: null, leftMs: null });
  // Not rounded up: something is still to be done.
  expect(estimate(seconds(999), 1000).percent).toBe(99);
});

test('a meter measures the last minute, and starts anew with another thing, or where something started anew', () => {
  const meter = new Meter();
  for (let second = 0; second < 100; second += 1) meter.see('a', second * 100, 1_000_000, second * 1000);
  let last = meter.see('a', 9910, 1_000_000, 100_000);
  for (let second = 101; second <= 200; second += 1) last = meter.see('a', 9910 + second, 1_000_000, second * 1000);
  expect(last.perSecond).toBe(1);
  expect(meter.see('b', 20_000, null, 201_000).perSecond).toBeNull();
  expect(meter.see('b', 20_100, null, 211_000).perSecond).toBe(10);
  expect(meter.see('b', 5, null, 212_000).perSecond).toBeNull();
});

test('time left is round, and rather too long', () => {
  const said = [0, 9000, 11_000, 85_000, 95_000, 240_000, 3_600_000, 5_400_000, 9_000_000, 86_400_000].map(
    describeLeft,
  );
  expect(said).toEqual([
    ...['some seconds left', 'some seconds left', 'about 20 s left', 'about 90 s left', 'about 2 min left'],
    ...['about 4 min left', 'about 60 min left', 'about 1 h 30 min left', 'about 2 h 30 min left', 'about 24 h left'],
  ]);
});

test('an amount is shown as far as it is known', () => {
  const amount = { done: 500_000, total: 1_234_567, unit: 'rows' } as const;
  expect(describeAmount(amount, { percent: 40, perSecond: 1234.4, leftMs: 600_000 })).toBe(
    '40 % of 1,234,567 rows, 1,234 rows/s, about 10 min left',
  );
  const unknown = { percent: null, perSecond: 2_000_000, leftMs: null };
  expect(describeAmount({ done: 45_200_000, total: null, unit: 'bytes' }, unknown)).toBe('45.2 MB, 2.0 MB/s');
});

test('lines that stay come after 10 and 30 seconds, and then each minute', () => {
  const lines = [nextLineMs(0)];
  while (lines.length < 6) lines.push(nextLineMs(lines.at(-1) ?? 0));
  expect(lines).toEqual([10_000, 30_000, 60_000, 120_000, 180_000, 240_000]);
  expect(nextLineMs(3_599_999)).toBe(3_600_000);
});
