import { estimate, type Estimate, type Sample } from './estimate.ts';

/** Speed is that of the last minute: what was quick at first says little of the end. */
const windowMs = 60_000;

/** Remembers how far something has come, and starts anew with something else. */
export class Meter {
  #of: string | null = null;
  #samples: Sample[] = [];

  /**
   * @param of what is measured
   * @param atMs on the monotonic clock
   */
  see(of: string, done: number, total: number | null, atMs: number): Estimate {
    const last = this.#samples.at(-1);
    if (this.#of !== of || (last !== undefined && last.done > done)) this.#samples = [];
    this.#of = of;
    this.#samples.push({ atMs, done });
    // The newest of those that are too old stays: between it and the last one lies all of the window.
    const kept = this.#samples.findLastIndex((sample) => sample.atMs <= atMs - windowMs);
    if (kept > 0) this.#samples.splice(0, kept);
    return estimate(this.#samples, total);
  }
}
