import type { Found } from './difference.ts';
import type { TableSnapshot } from './table-snapshot.ts';

/** Rows of one relation, or of several together. */
export type Rows = Pick<TableSnapshot, 'rows' | 'digest'>;

/** Whether they are the same rows, in whatever order. Pure. */
export function isSame(before: Rows, after: Rows): boolean {
  return before.rows === after.rows && before.digest === after.digest;
}

/** How two readings of an object's rows differ. They were read, and are not the same. Pure. */
export function describeRows(object: string, before: Rows, after: Rows): Found {
  const of = { severity: 'error', kind: 'changed', object } as const;
  if (before.rows !== after.rows) {
    const remedy =
      'Do not rely on this backup; take a new one, and restore that. If it recurs, read the log of pg_restore.';
    return { ...of, rule: 'ROW_COUNT_MISMATCH', expected: countRows(before), actual: countRows(after), remedy };
  }
  return {
    ...of,
    rule: 'CONTENT_MISMATCH',
    checks: ['content'],
    expected: `digest ${String(before.digest)}`,
    actual: `digest ${String(after.digest)}`,
    remedy:
      'The number of rows is right but values differ. Look for triggers or generated columns that depend on where they run.',
  };
}

export function countRows({ rows }: Pick<Rows, 'rows'>): string {
  return rows === null ? 'rows that were not read' : `${rows} row${rows === 1 ? '' : 's'}`;
}
