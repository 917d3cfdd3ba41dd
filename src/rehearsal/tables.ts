import type { Evidence } from '../evidence/schema.ts';
import type { Snapshot, TableSnapshot } from '../snapshot/snapshot.ts';

/** The table that a profile means: by its name in the evidence, or the same without quotes. Pure. */
export function findTable({ tables }: Snapshot, wanted: string): TableSnapshot | undefined {
  const bare = (name: string) => name.replaceAll('"', '').replace(/^public\./, '');
  return tables.find(({ name }) => name === wanted) ?? tables.find(({ name }) => bare(name) === bare(wanted));
}

/** A table of a snapshot as SQL names it whatever the search_path. Pure. */
export function nameInSql({ name }: Pick<TableSnapshot, 'name'>): string {
  return /^(?:"(?:[^"]|"")+"|[^".]+)$/.test(name) ? `public.${name}` : name;
}

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
