import { findBound, type Bound, type Machine } from './room-for-jobs.ts';
import type { PlannedDatabase } from './plan.ts';

export interface AtOnceOptions<Database> {
  jobs: number;
  machine: Machine;
  /** Rehearses one; it does not throw. */
  run: (database: Database) => Promise<void>;
  /** Hears that one waits for a reason other than the number of jobs, once for each. */
  waits: (database: Database, bound: Bound) => void;
  interrupted: AbortSignal;
}

/**
 * Rehearses databases in their order, several at the same time as far as the machine bears it. One that there is no room for
 * keeps those behind it from starting: else a large one would never have its turn.
 */
export async function runAtOnce<Database extends Pick<PlannedDatabase, 'diskBytes'>>(
  databases: readonly Database[],
  { jobs, machine, run, waits, interrupted }: AtOnceOptions<Database>,
): Promise<void> {
  const running = new Map<Database, Promise<void>>();
  for (const database of databases) {
    let told = false;
    for (;;) {
      const bound = findBound(database, [...running.keys()], machine, jobs);
      if (bound === null || interrupted.aborted) break;
      if (bound !== 'jobs' && !told) waits(database, bound);
      told ||= bound !== 'jobs';
      await Promise.race(running.values());
    }
    if (interrupted.aborted) break;
    const job = run(database).finally(() => running.delete(database));
    running.set(database, job);
  }
  await Promise.all(running.values());
}
