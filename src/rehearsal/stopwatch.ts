/** Moments that RTO and RPO are measured between. */
export type Milestone =
  | 'snapshot'
  | 'gone'
  | 'chosen'
  | 'served'
  | 'examined'
  | 'probed'
  | 'recreated'
  | 'restored'
  | 'compared'
  | 'answering';

/** Notes when something was reached, in milliseconds on the monotonic clock (`performance.now()`). */
export class Stopwatch {
  readonly #reached = new Map<Milestone, number>();

  mark(milestone: Milestone, at = performance.now()): void {
    this.#reached.set(milestone, at);
  }

  /** Milliseconds between two milestones, whole. */
  between(from: Milestone, to: Milestone): number {
    const [start, end] = [this.#reached.get(from), this.#reached.get(to)];
    if (start === undefined || end === undefined) throw new Error(`Nothing was measured from ${from} to ${to}.`);
    return Math.round(end - start);
  }
}
