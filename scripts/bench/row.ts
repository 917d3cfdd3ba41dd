/** What the bench measures against what. */
export interface Row {
  name: string;
  /** At most this much, in `unit`. */
  target: number;
  /** `×` is a ratio of two times, or of two sizes. */
  unit: '×' | 's' | 'MB';
  /** Median. */
  measured: number;
  /** Least and largest value. */
  spread: [least: number, largest: number];
  /** What was measured, and how often. */
  how: string;
  /** Medians of both sides, where there are two. */
  sides: { a: Side; b: Side } | null;
}

/** Medians in seconds. */
export interface Side {
  wall: number;
  /** Of all processes; null where they cannot be seen. */
  cpu: number | null;
}

export function isMet({ measured, target }: Row): boolean {
  return measured <= target;
}

/** @param values one at least */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A row from values that were measured one after the other. */
export function rowOf(
  values: number[],
  { name, target, unit, how, sides = null }: Omit<Row, 'measured' | 'spread' | 'sides'> & Partial<Pick<Row, 'sides'>>,
): Row {
  const spread: Row['spread'] = [Math.min(...values), Math.max(...values)];
  return { name, target, unit, measured: median(values), spread, how, sides };
}
