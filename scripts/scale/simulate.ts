import { inOrder } from '../../src/fleet/order.ts';
import type { PlannedDatabase } from '../../src/fleet/plan.ts';
import { splitPlan } from '../../src/fleet/split.ts';
import { seededRandom } from '../../fixtures/testing/random.ts';

/** A fleet that is made up, and how it is drilled. */
export interface Course {
  databases: number;
  shards: number;
  nights: number;
  /** How long a night is; what has not begun by then is left for the next. */
  windowMs: number;
  seed: number;
}

/** Who decides what a shard does, and in which order. */
export type Policy = 'planner' | 'round-robin';

export interface CourseResult {
  /** Median of the nights: from the start to the end of the last shard. */
  makespanMs: number;
  /** The best that any order could do in the first night: all of the work, shared equally, or the longest of it. */
  bestMs: number;
  /** Databases that were not verified in the last two nights, at the end. */
  overdue: number;
  /** The most nights that one has waited, at the end. */
  longestWait: number;
}

const dayMs = 86_400_000;
/** What a rehearsal takes besides its rows, and for a byte of them: see docs/scale.md. */
export const fixedMs = 6000;
export const perByteMs = 1 / 25_000;

/** Sizes in bytes by a power law (Pareto, shape 1.1): most are small, few are most of the bytes. From 100 MB to 2 TB. */
export function sizesOf(count: number, random: () => number): number[] {
  return Array.from({ length: count }, () => Math.min(100e6 * (1 - random()) ** (-1 / 1.1), 2e12));
}

type Simulated = Pick<PlannedDatabase, 'name' | 'overdueMs' | 'expectedMs'> & { typicalMs: number; lastNight: number };

/** Drills a fleet for some nights. A time differs by up to a quarter from what is usual, either way, and is expected to be that of the last time. Deterministic. */
export function simulate({ databases: count, shards, nights, windowMs, seed }: Course, policy: Policy): CourseResult {
  const random = seededRandom(seed);
  const fleet: Simulated[] = sizesOf(count, random).map((size, index) => {
    const typicalMs = fixedMs + size * perByteMs;
    return { name: `database-${index}`, overdueMs: null, expectedMs: typicalMs, typicalMs, lastNight: -1 };
  });
  const work = fleet.reduce((sum, { typicalMs }) => sum + typicalMs, 0);
  const bestMs = Math.max(work / shards, ...fleet.map(({ typicalMs }) => typicalMs));
  const makespans: number[] = [];
  for (let night = 0; night < nights; night += 1) {
    const ends = share(fleet, shards, policy).map((part) => {
      let now = 0;
      for (const database of part) {
        if (now >= windowMs) break;
        const tookMs = database.typicalMs * (0.75 + random() * 0.5);
        now += tookMs;
        Object.assign(database, { expectedMs: tookMs, lastNight: night });
      }
      return now;
    });
    makespans.push(Math.max(...ends));
    for (const each of fleet) each.overdueMs = each.lastNight < 0 ? null : (night - each.lastNight) * dayMs;
  }
  const waits = fleet.map(({ lastNight }) => nights - 1 - lastNight);
  const middle = makespans.toSorted((a, b) => a - b)[Math.floor(nights / 2)] ?? 0;
  return {
    makespanMs: middle,
    bestMs,
    overdue: waits.filter((wait) => wait >= 2).length,
    longestWait: Math.max(...waits),
  };
}

function share(fleet: readonly Simulated[], shards: number, policy: Policy): Simulated[][] {
  if (policy === 'planner') return splitPlan(inOrder(fleet), shards);
  return Array.from({ length: shards }, (_, shard) => fleet.filter((_each, index) => index % shards === shard));
}
