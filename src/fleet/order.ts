import type { PlannedDatabase } from './plan.ts';

type Ordered = Pick<PlannedDatabase, 'name' | 'overdueMs' | 'expectedMs'>;

/**
 * In which order databases are rehearsed: what never ran, then the longest overdue; of the others, what takes longest. Each has
 * its own place, whatever order they come in. Pure.
 */
export function inOrder<Database extends Ordered>(databases: readonly Database[]): Database[] {
  return databases.toSorted((a, b) => waited(b) - waited(a) || longestFirst(a, b));
}

/** Two that never ran are as urgent as each other. */
function waited({ overdueMs }: Ordered): number {
  return overdueMs ?? Number.MAX_SAFE_INTEGER;
}

/** By what they take, the longest first. Pure. */
export function longestFirst(a: Ordered, b: Ordered): number {
  return b.expectedMs - a.expectedMs || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
