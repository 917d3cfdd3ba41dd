import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Verdict } from '../schema.ts';
import { drillsOf, isAlive } from './drills.ts';
import { findClockFaults } from './find-clock-faults.ts';
import type { LedgerLine, NoteLine, RunLine } from './line.ts';

const hour = 3_600_000;
const now = new Date('2026-02-09T12:00:00Z');
const options = { frequencyMs: 24 * hour, now };

/** A run that started so many hours ago. */
function runLine(hoursAgo: number, changes: Partial<RunLine> = {}): RunLine {
  const start = new Date(now.getTime() - hoursAgo * hour).toISOString();
  const directory = `${start.replace(/\.\d+|[-:]/g, '')}-clean-state`;
  return {
    ...{ ledgerVersion: 1, number: 1, previous: null, kind: 'run', writtenAt: start, id: randomUUID() },
    ...{ rehearsal: 'clean-state', database: 'shop', verdict: 'verified', directory, files: {} },
    ...changes,
  };
}

function retiring({ id }: RunLine, number: number): NoteLine {
  return {
    ...{ ledgerVersion: 1, number, previous: null, kind: 'note', writtenAt: now.toISOString(), id: randomUUID() },
    ...{ about: id, evidence: '0'.repeat(64), by: 'Ada', action: null, text: 'sold', retest: null, signOff: false },
    ...{ retires: true, signature: null },
  };
}

test.for<[string, RunLine[], object]>([
  ['a run of last night', [runLine(10)], { state: 'verified', overdue: false }],
  ['a run that comes a little later than the night before', [runLine(26)], { state: 'verified', overdue: false }],
  ['a run of 62 days ago', [runLine(62 * 24)], { state: 'verified', overdue: true }],
  [
    'a red run of last night',
    [runLine(34), runLine(10, { verdict: 'not-verified' })],
    { state: 'not-verified', overdue: false },
  ],
  ['a red run of long ago', [runLine(99, { verdict: 'could-not-run' })], { state: 'could-not-run', overdue: true }],
  [
    'a run that was adopted today, of long ago',
    [runLine(99, { kind: 'adopted', writtenAt: now.toISOString() })],
    { overdue: true },
  ],
  ['a run from the future after an old one', [runLine(99), runLine(-99)], { overdue: true, runs: 2 }],
  ['nothing but a run from the future', [runLine(-99)], { state: 'never-ran', overdue: true, lastRun: null }],
])('%s', ([, lines, expected]) => {
  expect(drillsOf(lines, options)).toMatchObject([{ database: 'shop', rehearsal: 'clean-state', ...expected }]);
});

test('each database and rehearsal counts for itself', () => {
  const lines = [
    runLine(1),
    runLine(1, { database: 'shop', rehearsal: 'latest-backup', verdict: 'not-verified' }),
    runLine(50, { database: 'bar' }),
    runLine(1, { database: null }),
  ];
  const shown = drillsOf(lines, options).map(({ database, rehearsal, state, overdue }) => [
    database,
    rehearsal,
    state,
    overdue,
  ]);
  expect(shown).toEqual([
    [null, 'clean-state', 'verified', false],
    ['bar', 'clean-state', 'verified', true],
    ['shop', 'clean-state', 'verified', false],
    ['shop', 'latest-backup', 'not-verified', false],
  ]);
});

test('the last run is that which started last, whenever its line was written', () => {
  const verified = runLine(40);
  const [drill] = drillsOf([runLine(10, { verdict: 'not-verified' }), verified], options);
  expect(drill).toMatchObject({ state: 'not-verified', lastVerified: { id: verified.id } });
});

test('without a frequency none is overdue, and a red one is red', () => {
  const drills = drillsOf([runLine(9999), runLine(1, { rehearsal: 'z', verdict: 'could-not-run' })], {
    ...options,
    frequencyMs: null,
  });
  expect(drills.map(isAlive)).toEqual([true, false]);
});

test('what was retired is not overdue, until it runs again', () => {
  const old = runLine(999, { verdict: 'not-verified' });
  const lines: LedgerLine[] = [old, retiring(old, 2)];
  const [retired] = drillsOf(lines, options);
  expect(retired).toMatchObject({ state: 'retired', overdue: false, retired: { by: 'Ada' } });
  expect(retired && isAlive(retired)).toBe(true);
  expect(drillsOf([...lines, runLine(99, { number: 3 })], options)).toMatchObject([
    { state: 'verified', overdue: true },
  ]);
  expect(drillsOf([...lines, runLine(99, { number: 3, database: 'bar' })], options)).toHaveLength(2);
});

test.for<[string, LedgerLine[], RegExp[]]>([
  ['a line from the future', [runLine(1), runLine(-9, { number: 2 })], [/^Line 2 .* one of the two clocks is wrong/]],
  [
    'a line written before the one in front',
    [runLine(1), runLine(5, { number: 2 })],
    [/^Line 2 .* a clock went backwards/],
  ],
  [
    'adopted lines of long ago',
    [runLine(1), runLine(99, { number: 2, kind: 'adopted', writtenAt: now.toISOString() })],
    [],
  ],
  ['runs in order', [runLine(9), runLine(5), runLine(1)], []],
])('of clocks: %s', ([, lines, messages]) => {
  expect(findClockFaults(lines, now)).toEqual(messages.map((message) => expect.stringMatching(message) as string));
});

test('a ledger of 10,000 runs is read off in no time', () => {
  const verdicts: Verdict[] = ['verified', 'could-not-run'];
  const lines = Array.from({ length: 10_000 }, (_, n) =>
    runLine(10_000 - n, { verdict: verdicts[n % 2] ?? 'verified' }),
  );
  const start = performance.now();
  expect(drillsOf(lines, options)).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(10_000);
});
