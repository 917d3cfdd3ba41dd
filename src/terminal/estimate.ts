/** How much of some work was done at a moment. */
export interface Sample {
  atMs: number;
  done: number;
}

/** What can be said honestly of work that goes on; null where nothing can. */
export interface Estimate {
  /** Of whole hundredths, rounded down: it is 100 only where all is done. */
  percent: number | null;
  perSecond: number | null;
  leftMs: number | null;
}

const shortestForRateMs = 2000;
const shortestForLeftMs = 8000;
/** Before that, what is left is a guess. */
const leastShare = 0.02;

/**
 * Estimates from what was done when, oldest first. A total that turned out too small is none. Pure.
 * @param total null where nobody knows it
 */
export function estimate(samples: readonly Sample[], total: number | null): Estimate {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return { percent: null, perSecond: null, leftMs: null };
  const passedMs = last.atMs - first.atMs;
  const rate = passedMs < shortestForRateMs ? 0 : ((last.done - first.done) / passedMs) * 1000;
  const perSecond = rate > 0 ? rate : null;
  if (total === null || !(total > 0) || last.done > total) return { percent: null, perSecond, leftMs: null };
  const share = Math.max(last.done, 0) / total;
  const isKnown = perSecond !== null && passedMs >= shortestForLeftMs && share >= leastShare;
  return {
    percent: Math.floor(share * 100),
    perSecond,
    leftMs: isKnown ? ((total - last.done) / perSecond) * 1000 : null,
  };
}

/** Roughly, for nobody knows it better: `about 4 min left`. Pure. */
export function describeLeft(leftMs: number): string {
  const seconds = leftMs / 1000;
  if (seconds < 10) return 'some seconds left';
  if (seconds < 90) return `about ${Math.ceil(seconds / 10) * 10} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${minutes} min left`;
  const tens = Math.round(minutes / 10);
  const rest = (tens % 6) * 10;
  return `about ${Math.floor(tens / 6)} h${rest === 0 ? '' : ` ${rest} min`} left`;
}
