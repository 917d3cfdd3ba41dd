import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { comparePairs } from './pairs.ts';
import { isMet, median, rowOf } from './row.ts';
import { describeRow } from './table.ts';

test.for<[number[], number]>([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', ([values, expected]) => {
  expect(median(values)).toBe(expected);
});

const row = { name: 'baseline', target: 1, unit: '×', how: '3 pairs' } as const;

test('a target is met by the median, and the spread is shown', () => {
  const measured = rowOf([0.5, 1, 4], row);
  expect(measured).toMatchObject({ measured: 1, spread: [0.5, 4], sides: null });
  expect(isMet(measured)).toBe(true);
  expect(isMet(rowOf([0.5, 1.01, 4], row))).toBe(false);
  const sides = { a: { wall: 2, cpu: 1.5 }, b: { wall: 250, cpu: null } };
  expect(stripVTControlCharacters(describeRow(rowOf([0.5, 1.01, 4], { ...row, sides })))).toMatch(
    /^missed {2}baseline +1\.01 × +target ≤ 1\.00 ×\n +0\.50 to 4\.00 ×, 3 pairs; A 2\.00 s \(processors 1\.50 s\), B 250 s$/,
  );
});

test('A and B are measured in turns, after a run of each that does not count', async () => {
  const runs: string[] = [];
  const note = (side: string) => () => Promise.resolve(runs.push(side));
  const { pairs, ratios } = await comparePairs(3, { a: note('a'), b: note('b') });
  expect(runs.join('')).toBe('ab' + 'ab' + 'ba' + 'ab');
  expect([pairs.length, ratios.length]).toEqual([3, 3]);
  pairs.forEach(({ a, b }, index) => {
    expect(ratios[index]).toBe(b / a);
  });
});
