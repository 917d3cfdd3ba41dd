import { expect, test } from 'vitest';
import { makeEvidence } from '../../fixtures/testing/evidence.ts';
import { findGap, latestAfterMs, span } from './cadence.ts';

const hour = 3_600_000;
const day = 24 * hour;

test.for([
  [day, 26.4 * hour],
  [7 * day, 7 * day + 16.8 * hour],
  [hour, 2 * hour],
  [60_000, 120_000],
])('a drill that is asked for every %i ms may come %i ms after the one before', ([frequencyMs, latestMs]) => {
  expect(latestAfterMs(frequencyMs ?? 0)).toBeCloseTo(latestMs ?? 0);
});

test.for([
  [62 * day + hour, '62 days'],
  [26 * hour, '26 hours'],
  [90_000, '90 seconds'],
  [1000, '1 second'],
  [0, '0 seconds'],
  [-5000, '0 seconds'],
] as const)('%i ms are %s', ([ms, text]) => {
  expect(span(ms)).toBe(text);
});

const evidence = makeEvidence({ startedAt: '2026-02-09T02:00:00.000Z', finishedAt: '2026-02-09T02:05:00.000Z' });

test.for([
  [
    '62 days of silence',
    '2025-12-09T02:00:00Z',
    'DRILL_GAP',
    /^62 days between .* 2025-12-09T02:00:00.000Z; .* one every 24 hours\.$/,
  ],
  ['a night that was left out', '2026-02-07T02:00:00Z', 'DRILL_GAP', /^2 days between/],
  [
    'a run from the future',
    '2026-02-10T02:00:00Z',
    'CLOCK_BACKWARDS',
    /2026-02-10T02:00:00.000Z, after the end of this one/,
  ],
] as const)('%s before it is a warning', ([, before, rule, message]) => {
  const gap = findGap(evidence, new Date(before), day);
  expect(gap).toMatchObject({ rule, severity: 'warning', object: 'clean-state of haircuttgbot' });
  expect(gap?.message).toMatch(message);
});

test.for([
  ['the night before', '2026-02-08T02:00:00Z', day],
  ['one that started an hour earlier, as clocks change', '2026-02-08T01:00:00Z', day],
  ['one that ran at the same time', '2026-02-09T02:04:00Z', day],
  ['none that anybody asks for', '2020-02-08T02:00:00Z', null],
] as const)('%s is no gap', ([, before, frequencyMs]) => {
  expect(findGap(evidence, new Date(before), frequencyMs)).toBeNull();
});

test('the first run of all has no gap before it', () => {
  expect(findGap(evidence, null, day)).toBeNull();
});
