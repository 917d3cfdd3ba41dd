import type { PlannedDatabase } from './plan.ts';

/** What a machine has for rehearsals at the same time. Null: it is not known, and bounds nothing. */
export interface Machine {
  cores: number;
  memoryBytes: number | null;
  /** Free, where disposable servers keep their data. */
  diskBytes: number | null;
}

/** Why a database cannot be started beside those that run. */
export type Bound = 'jobs' | 'cores' | 'memory' | 'disk';

type Needs = Pick<PlannedDatabase, 'diskBytes'>;

/** An estimate: a rehearsal's process, measured at 140 MB, with its server and PostgreSQL's programs. */
export const estimatedMemoryBytes = 512e6;
/** Of a core: a restore waits for the disk a part of its time. */
const eachCores = 0.5;

/**
 * Says whether one more can be started beside those that run. Alone, each can: where there is no room for it, it says so itself. Pure.
 * @returns what there is not enough of; null where it can
 */
export function findBound(
  next: Needs,
  running: readonly Needs[],
  { cores, memoryBytes, diskBytes }: Machine,
  jobs: number,
): Bound | null {
  if (running.length === 0) return null;
  if (running.length >= jobs) return 'jobs';
  if ((running.length + 1) * eachCores > cores) return 'cores';
  if (memoryBytes !== null && (running.length + 1) * estimatedMemoryBytes > memoryBytes) return 'memory';
  const needed = [...running, next].reduce((sum, { diskBytes: own }) => sum + (own ?? 0), 0);
  return diskBytes !== null && needed > diskBytes ? 'disk' : null;
}
