import type { Evidence } from '../evidence/schema.ts';
import { findTable } from '../snapshot/find-table.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** Row counts of every table on both sides, those that the profile names first. Pure. */
export function pairCounts(before: Snapshot, after: Snapshot, first: string[]): Evidence['counts'] {
  const names = new Set([
    ...first.map((name) => findTable(before, name)?.name ?? name),
    ...before.tables.map(({ name }) => name),
    ...after.tables.map(({ name }) => name),
  ]);
  const rowsIn = ({ tables }: Snapshot, name: string) => tables.find((table) => table.name === name)?.rows ?? null;
  return Object.fromEntries(
    [...names].map((name) => [name, { before: rowsIn(before, name), after: rowsIn(after, name) }]),
  );
}
