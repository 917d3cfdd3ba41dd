import { inOrder, longestFirst } from './order.ts';
import type { PlannedDatabase } from './plan.ts';

type Weighed = Pick<PlannedDatabase, 'name' | 'overdueMs' | 'expectedMs'>;

/**
 * Parts of a plan that take about as long as each other: the longest goes first, each to the part with the least to do so far
 * (longest processing time first, at most a third longer than the best there is). Every database is in exactly one part. Pure.
 * @param total how many parts; those beyond the number of databases are empty
 * @returns the parts, each in the order in which its databases are rehearsed
 */
export function splitPlan<Database extends Weighed>(databases: readonly Database[], total: number): Database[][] {
  const parts = Array.from({ length: total }, () => ({ expectedMs: 0, databases: [] as Database[] }));
  for (const database of databases.toSorted(longestFirst)) {
    const least = parts.reduce((best, part) => (isLess(part, best) ? part : best));
    least.databases.push(database);
    least.expectedMs += database.expectedMs;
  }
  return parts.map((part) => inOrder(part.databases));
}

interface Load {
  expectedMs: number;
  databases: readonly unknown[];
}

/** Where nothing is known of the times, the numbers count. */
function isLess(one: Load, other: Load): boolean {
  if (one.expectedMs !== other.expectedMs) return one.expectedMs < other.expectedMs;
  return one.databases.length < other.databases.length;
}
