import type { Evidence } from './schema.ts';

/**
 * What the row counts of a table say. Where nothing says how many rows there were, as in a dump that inserts them or does not
 * hold them, they are not counted; they differ where a finding says that the table is at fault. Pure.
 */
export function countState(
  table: string,
  { before, after }: Evidence['counts'][string],
  findings: Evidence['findings'],
): 'equal' | 'differs' | 'not counted' {
  if (before !== null) return before === after ? 'equal' : 'differs';
  const isAtFault = findings.some(({ severity, object }) => severity === 'error' && object === table);
  return isAtFault && after !== null ? 'differs' : 'not counted';
}
