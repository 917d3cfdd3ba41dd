import type { Snapshot } from './snapshot.ts';
import type { TableSnapshot } from './table-snapshot.ts';

/** The table that a profile means: by its name in the evidence, or the same without quotes. Pure. */
export function findTable({ tables }: Snapshot, wanted: string): TableSnapshot | undefined {
  const bare = (name: string) => name.replaceAll('"', '').replace(/^public\./, '');
  return tables.find(({ name }) => name === wanted) ?? tables.find(({ name }) => bare(name) === bare(wanted));
}

/** A table of a snapshot as SQL names it whatever the search_path. Pure. */
export function nameInSql({ name }: Pick<TableSnapshot, 'name'>): string {
  return /^(?:"(?:[^"]|"")+"|[^".]+)$/.test(name) ? `public.${name}` : name;
}
