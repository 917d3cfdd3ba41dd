import { expect, test } from 'vitest';
import { parseMoment } from './parse-moment.ts';

test.for([
  ['2026-02-09T09:48:03Z', '2026-02-09T09:48:03.000Z'],
  ['2026-02-09 09:48:03.5+01:00', '2026-02-09T08:48:03.500Z'],
  ['2026-02-09 09:48 +0130', '2026-02-09T08:18:00.000Z'],
  ['2026-02-09t09:48-05', '2026-02-09T14:48:00.000Z'],
  ['20260209T094803Z', '2026-02-09T09:48:03.000Z'],
  ['2026-02-09 09:48', new Date(2026, 1, 9, 9, 48).toISOString()],
  ['2026-02-09', new Date(2026, 1, 9).toISOString()],
  ['2024-02-29T00:00Z', '2024-02-29T00:00:00.000Z'],
] as const)('%s is %s', ([text, moment]) => {
  expect(parseMoment(text)?.toISOString()).toBe(moment);
});

test.for([
  '',
  'yesterday',
  '2026-02-29',
  '2026-13-01',
  '2026-02-09 25:00',
  '09.02.2026',
  '2026-02-09T10',
  '1770630483',
])('%s is no point in time', (text) => {
  expect(parseMoment(text)).toBeNull();
});
