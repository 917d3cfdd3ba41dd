import { describe, expect, test } from 'vitest';
import { compareSequences } from './compare-sequences.ts';
import type { SequenceReading, SequenceSnapshot } from './snapshot.ts';

const given = (lastValue: number | string): SequenceReading => ({ lastValue: String(lastValue), isCalled: true });
const notGiven = (lastValue: number | string): SequenceReading => ({ lastValue: String(lastValue), isCalled: false });

function sequence(from: SequenceReading, to = from, more: Partial<SequenceSnapshot> = {}): SequenceSnapshot {
  return { name: 's', from, to, increment: '1', cycles: false, feeds: [], ...more };
}

function rules(before: SequenceSnapshot, after: SequenceSnapshot): string[] {
  return compareSequences([before], [after]).map(({ rule }) => rule);
}

describe('the position of a sequence', () => {
  const descending = { increment: '-2' };
  test.each([
    { name: 'the same', before: sequence(given(5)), after: given(5), equal: true },
    { name: 'one further', before: sequence(given(5)), after: given(6), equal: false },
    { name: 'the same next value, read in another way', before: sequence(given(5)), after: notGiven(6), equal: false },
    { name: 'not called, restored as called', before: sequence(notGiven(1)), after: given(1), equal: false },
    { name: 'within the readings around the dump', before: sequence(given(5), given(9)), after: given(7), equal: true },
    { name: 'at the first reading', before: sequence(given(5), given(9)), after: given(5), equal: true },
    { name: 'at the last reading', before: sequence(given(5), given(9)), after: given(9), equal: true },
    { name: 'before the first reading', before: sequence(given(5), given(9)), after: given(4), equal: false },
    { name: 'behind the last reading', before: sequence(given(5), given(9)), after: given(10), equal: false },
    { name: 'first called during the dump', before: sequence(notGiven(1), given(3)), after: given(1), equal: true },
    { name: 'still not called', before: sequence(notGiven(1), given(3)), after: notGiven(1), equal: true },
    { name: 'descending, within', before: sequence(given(-5), given(-9), descending), after: given(-7), equal: true },
    { name: 'descending, behind', before: sequence(given(-5), given(-9), descending), after: given(-11), equal: false },
    { name: 'descending, before', before: sequence(given(-5), given(-9), descending), after: given(-3), equal: false },
    {
      name: 'descending, at the first reading',
      before: sequence(given(-5), given(-9), descending),
      after: given(-5),
      equal: true,
    },
    {
      name: 'descending, at the last reading',
      before: sequence(given(-5), given(-9), descending),
      after: given(-9),
      equal: true,
    },
    { name: 'set back during the dump', before: sequence(given(9), given(5)), after: given(5), equal: true },
    {
      name: 'cycled during the dump',
      before: sequence(given(9), given(2), { cycles: true }),
      after: given(1),
      equal: true,
    },
    {
      name: 'cycling, but not moved',
      before: sequence(given(9), given(9), { cycles: true }),
      after: given(1),
      equal: false,
    },
    {
      name: 'beyond what a double holds',
      before: sequence(given('9007199254740992')),
      after: given('9007199254740993'),
      equal: false,
    },
  ])('$name: equal is $equal', ({ before, after, equal }) => {
    expect(rules(before, { ...before, from: after, to: after })).toEqual(equal ? [] : ['SEQUENCE_POSITION_MISMATCH']);
  });
});

test.each([
  [sequence(given(5)), '5 (given)'],
  [sequence(notGiven(5)), '5 (not given yet)'],
  [sequence(given(5), given(9)), 'between 5 (given) and 9 (given)'],
])('a position that is lost is shown with the one that was expected', (before, expected) => {
  const found = compareSequences([{ ...before, name: 'first' }, before], [sequence(notGiven(1))]);
  expect(found).toEqual([
    {
      rule: 'SEQUENCE_POSITION_MISMATCH',
      kind: 'changed',
      severity: 'error',
      object: 's',
      expected,
      actual: '1 (not given yet)',
      remedy: expect.stringContaining('setval()') as string,
    },
  ]);
});

test('a sequence is compared with the one of its name', () => {
  const [a, b] = [sequence(given(1)), { ...sequence(given(2)), name: 'other' }];
  expect(compareSequences([a, b], [b, a])).toEqual([]);
});

describe('the next value of a sequence', () => {
  const feeding = (extreme: string | null) => ({ feeds: [{ column: 't.id', extreme }] });
  const severities = (before: SequenceSnapshot, after: SequenceSnapshot) =>
    compareSequences([before], [after])
      .filter(({ rule }) => rule === 'SEQUENCE_BEHIND')
      .map(({ severity }) => severity);

  test('has to be beyond the largest value of the column', () => {
    const before = sequence(given(9), given(9), feeding('9'));
    expect(severities(before, before)).toEqual([]);
    expect(severities(before, sequence(given(8), given(8), feeding('9')))).toEqual(['error']);
    expect(severities(before, sequence(notGiven(9), notGiven(9), feeding('9')))).toEqual(['error']);
    expect(severities(before, sequence(notGiven(10), notGiven(10), feeding('9')))).toEqual([]);
  });

  test('has to be below the smallest value where it counts down', () => {
    const down = { increment: '-1', ...feeding('-9') };
    const before = sequence(given(-9), given(-9), down);
    expect(severities(before, sequence(given(-9), given(-9), down))).toEqual([]);
    expect(severities(before, sequence(given(-8), given(-8), down))).toEqual(['error']);
  });

  test('is beyond an empty column, and never beyond where the sequence cycles', () => {
    const empty = sequence(notGiven(1), notGiven(1), feeding(null));
    expect(severities(empty, empty)).toEqual([]);
    const cycling = sequence(given(3), given(3), { cycles: true, ...feeding('9') });
    expect(severities(cycling, cycling)).toEqual([]);
  });

  test('that the source would give twice as well is a warning', () => {
    const behind = sequence(given(3), given(3), feeding('9'));
    expect(severities(behind, behind)).toEqual(['warning']);
  });

  test('is held against the same column at the source, and against none where that fed none', () => {
    const other = { column: 'other.id', extreme: '9' };
    const behind = sequence(given(3), given(3), feeding('9'));
    expect(severities(sequence(given(3), given(3), { feeds: [other] }), behind)).toEqual(['error']);
    expect(severities(sequence(given(3)), behind)).toEqual(['error']);
    const both = sequence(given(3), given(3), { feeds: [other, { column: 't.id', extreme: '2' }] });
    expect(severities(both, behind)).toEqual(['error']);
  });

  test.each([
    ['largest', '1', '9', 'a value that it has already'],
    ['smallest', '-1', '-9', 'a value that it has already'],
  ])('is told with the %s value of the column', (extremum, increment, extreme, actual) => {
    const start = { lastValue: increment, isCalled: true };
    const restored = sequence(start, start, { increment, ...feeding(extreme) });
    const shown = {
      rule: 'SEQUENCE_BEHIND',
      kind: 'changed',
      object: 's',
      expected: 'a next value beyond t.id',
      remedy: `The next insert may fail: set the sequence with setval() beyond the ${extremum} value of t.id.`,
    };
    expect(compareSequences([{ ...restored, feeds: [] }], [restored])).toEqual([
      { ...shown, severity: 'error', actual },
    ]);
    expect(compareSequences([restored], [restored])).toEqual([
      { ...shown, severity: 'warning', actual: `${actual}, at the source as well` },
    ]);
  });
});

test('a sequence that is on one side only is left to the definitions', () => {
  expect(compareSequences([sequence(given(1))], [])).toEqual([]);
  expect(compareSequences([], [sequence(given(1))])).toEqual([]);
});
