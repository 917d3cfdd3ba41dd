import type { Found } from './difference.ts';
import type { SequenceReading, SequenceSnapshot } from './snapshot.ts';

/**
 * Compares the positions of sequences. They stand outside of MVCC, so a dump may have caught one anywhere between the
 * readings before and after it; where those agree, so must the restored one. The next value has to lie beyond what the
 * columns hold. Sequences that are missing or defined otherwise show in the definitions. Pure.
 */
export function compareSequences(before: SequenceSnapshot[], after: SequenceSnapshot[]): Found[] {
  return before.flatMap((source) => {
    const restored = after.find(({ name }) => name === source.name);
    return restored === undefined ? [] : [...comparePosition(source, restored), ...findUsedValues(source, restored)];
  });
}

function comparePosition(source: SequenceSnapshot, restored: SequenceSnapshot): Found[] {
  if (isBetween(source, restored.from)) return [];
  const { from, to } = source;
  return [
    {
      rule: 'SEQUENCE_POSITION_MISMATCH',
      kind: 'changed',
      severity: 'error',
      object: source.name,
      expected: isSame(from, to) ? describe(from) : `between ${describe(from)} and ${describe(to)}`,
      actual: describe(restored.from),
      remedy: 'Set the sequence with setval() after a restore, and find out why the dump does not hold its position.',
    },
  ];
}

function isBetween({ from, to, cycles, increment }: SequenceSnapshot, reading: SequenceReading): boolean {
  if (isSame(from, to)) return isSame(reading, from);
  // One that starts over has no order.
  if (cycles) return true;
  const [first, actual, last] = [from, reading, to].map((each) => next(each, increment)) as [bigint, bigint, bigint];
  return (first <= actual && actual <= last) || (last <= actual && actual <= first);
}

function findUsedValues(source: SequenceSnapshot, restored: SequenceSnapshot): Found[] {
  if (restored.cycles) return [];
  const position = next(restored.from, restored.increment);
  const ascending = !restored.increment.startsWith('-');
  const uses = (value: bigint, extreme: string | null) =>
    extreme !== null && (ascending ? value <= BigInt(extreme) : value >= BigInt(extreme));
  return restored.feeds
    .filter(({ extreme }) => uses(position, extreme))
    .map(({ column }) => {
      const before = source.feeds.find((feed) => feed.column === column);
      const already = before !== undefined && uses(next(source.to, source.increment), before.extreme);
      return {
        rule: 'SEQUENCE_BEHIND',
        kind: 'changed',
        severity: already ? 'warning' : 'error',
        object: source.name,
        expected: `a next value beyond ${column}`,
        actual: already ? 'a value that it has already, at the source as well' : 'a value that it has already',
        remedy: `The next insert may fail: set the sequence with setval() beyond the ${ascending ? 'largest' : 'smallest'} value of ${column}.`,
      } satisfies Found;
    });
}

function next({ lastValue, isCalled }: SequenceReading, increment: string): bigint {
  return BigInt(lastValue) + (isCalled ? BigInt(increment) : 0n);
}

function isSame(a: SequenceReading, b: SequenceReading): boolean {
  return a.lastValue === b.lastValue && a.isCalled === b.isCalled;
}

function describe({ lastValue, isCalled }: SequenceReading): string {
  return `${lastValue} (${isCalled ? 'given' : 'not given yet'})`;
}
