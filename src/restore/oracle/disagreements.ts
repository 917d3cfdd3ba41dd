import type { Finding } from '../../evidence/schema.ts';
import { findTable } from '../../snapshot/find-table.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { RestoredContents } from '../compare-contents.ts';
import type { ComparedTable } from './row-comparison.ts';

const ofRows = new Set(['ROW_COUNT_MISMATCH', 'CONTENT_MISMATCH', 'TABLE_MISSING']);

/**
 * Where a comparison with the source and one with the dump contradict each other, in words. What the source had and the dump has
 * not is no contradiction, unless the dump is known to be of the source's very moment. Pure.
 * @param found by the comparison with the source
 */
export function disagreements(
  found: Finding[],
  { after, rows, definitions }: RestoredContents,
  { isOfReference }: { isOfReference: boolean },
): string[] {
  const named = new Set(found.filter(({ rule }) => ofRows.has(rule)).map(({ object }) => object));
  const isNamed = (table: ComparedTable) => namesOf(table, after).some((name) => named.has(name));
  const { dumped, restored } = rows.largeObjects;
  const areLarge = found.some(({ rule }) => rule.startsWith('LARGE_OBJECT_'));
  const isOther = dumped.count !== restored.count || (dumped.hash !== null && dumped.hash !== restored.hash);
  const rules = new Set(found.map(identity));
  return [
    ...rows.tables
      .filter((table) => table.outcome === 'different' && !isNamed(table))
      .map(({ table }) => `${table} has the rows of the source, and not those of the dump`),
    ...rows.tables
      .filter((table) => isOfReference && table.outcome === 'equal' && isNamed(table))
      .map(({ table }) => `${table} has the rows of the dump, and not those of the source`),
    ...(isOther && !areLarge ? ['large objects are those of the source, and not those of the dump'] : []),
    ...(typeof definitions === 'string' ? [] : definitions)
      .filter((difference) => difference.severity === 'error' && !rules.has(identity(difference)))
      .map(({ rule, object }) => `${object}: ${rule} by the dump alone`),
  ];
}

/** A table, and the partitions that its rows are in. */
function namesOf({ table, parts }: ComparedTable, after: Snapshot): string[] {
  return [table, ...parts.map((part) => part.table)].map((name) => findTable(after, name)?.name ?? name);
}

function identity({ rule, object }: Pick<Finding, 'rule' | 'object'>): string {
  return `${rule} ${object.replaceAll('"', '')}`;
}
