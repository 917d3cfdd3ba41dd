import type { ComparedTable } from './compare-rows.ts';

/** What asks a restored database for the rows of a table as a dump of it has them. Pure. */
export function copyOf({ table, columns, order }: Pick<ComparedTable, 'table' | 'columns' | 'order'>): string {
  if (order === 'kept') return `copy ${table}${columns === null ? '' : ` (${columns})`} to stdout`;
  // A partitioned table can only be read by a query; the order of its rows means nothing.
  return `copy (select ${columns ?? '*'} from ${table}) to stdout`;
}
