import type { Snapshot } from './snapshot.ts';

/** How many rows each table has that COPY writes or reads, by name: not what others hold together with it, or compute. Pure. */
export function rowsByTable({ tables }: Pick<Snapshot, 'tables'>): Map<string, number> {
  const own = tables.filter(({ kind }) => kind === 'table');
  return new Map(own.flatMap(({ name, rows }) => (rows === null ? [] : [[name, rows]])));
}
