import type { Counts } from '../evidence/schema.ts';
import type { Difference } from '../snapshot/difference.ts';
import { findTable } from '../snapshot/find-table.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';

/**
 * Row counts of every table on both sides, those that the profile names first. Pure.
 * @param held row counts of the source, or of its dump
 * @param explain says of a table whose counts are not the same why nothing speaks against it; null where something may
 */
export function pairCounts(
  held: Map<string, number | null>,
  after: Snapshot,
  first: string[],
  explain: (table: string) => string | null,
): Counts {
  const restored = new Map(after.tables.map(({ name, rows }) => [name, rows]));
  const nameOf = (name: string) => (held.has(name) ? name : (findTable(after, name)?.name ?? name));
  const names = new Set([...first.map(nameOf), ...held.keys(), ...restored.keys()]);
  return Object.fromEntries(
    [...names].map((name) => {
      const counts = { before: held.get(name) ?? null, after: restored.get(name) ?? null };
      const isEqual = counts.before !== null && counts.before === counts.after;
      return [name, { ...counts, note: isEqual ? null : explain(name) }];
    }),
  );
}

/** Names the warning that is about the rows of a table, or of the one that its hash partitions are compared in. Pure. */
export function explainByWarnings(
  tables: TableSnapshot[],
  differences: Difference[],
): (table: string) => string | null {
  const hashedIn = new Map(tables.map(({ name, hashedIn: table }) => [name, table]));
  const warnings = differences.filter(
    ({ severity, checks }) => severity === 'warning' && checks.includes('row-counts'),
  );
  return (table) => {
    const warning = warnings.find(({ object }) => object === table || object === hashedIn.get(table));
    return warning === undefined ? null : `explained by ${warning.rule}`;
  };
}
