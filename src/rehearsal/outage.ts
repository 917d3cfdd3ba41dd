/** How long somebody who asks all the time got no good answer. */
export interface Outage {
  /** The longest time between two good answers, less what it usually is. */
  outageMs: number;
  /** The middle one of all times between two good answers. */
  usualMs: number;
}

/**
 * Measures an outage from the moments of good answers, in order, on the monotonic clock. Null where there was none since
 * the moment `since`, or none before. Pure.
 */
export function measureOutage(answeredAt: number[], since: number): Outage | null {
  const gaps = answeredAt.slice(1).map((end, index) => ({ end, ms: end - (answeredAt[index] ?? end) }));
  const concerned = gaps.filter(({ end }) => end >= since);
  if (concerned.length === 0) return null;
  const sorted = gaps.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const longest = Math.max(...concerned.map(({ ms }) => ms));
  return { outageMs: Math.round(Math.max(longest - usual, 0)), usualMs: Math.round(usual) };
}
