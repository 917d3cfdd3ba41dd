import type { Counts, Finding } from './schema.ts';

/** What the row counts of a table say, in a few words. */
export interface CountState {
  text: string;
  weight: 'equal' | 'explained' | 'not compared' | 'differs';
}

/**
 * What the row counts of a table say. Where there is none to compare with, as in a dump that does not hold the table, they
 * differ only where a finding says that the table is at fault. A note explains what nothing speaks against. Pure.
 */
export function countState(
  table: string,
  { before, after, note = null }: Counts[string],
  findings: Pick<Finding, 'severity' | 'object'>[],
): CountState {
  if (before !== null && before === after) return { text: 'equal', weight: 'equal' };
  const isAtFault = findings.some(({ severity, object }) => severity === 'error' && object === table);
  if (before !== null || (isAtFault && after !== null)) {
    if (note === null || isAtFault) return { text: 'differs', weight: 'differs' };
    return { text: `differs, ${note}`, weight: 'explained' };
  }
  if (note !== null) return { text: note, weight: 'explained' };
  return { text: after === null ? 'not counted' : 'nothing to compare with', weight: 'not compared' };
}
