import type { Found } from './difference.ts';
import type { TableSnapshot } from './snapshot.ts';

/** Compares the content of tables: which there are, how many rows, and what stands in them. Pure. */
export function compareTables(before: TableSnapshot[], after: TableSnapshot[]): Found[] {
  const restored = new Map(after.map((table) => [table.name, table]));
  const known = new Set(before.map(({ name }) => name));
  return [
    ...before.flatMap((table) => compareTable(table, restored.get(table.name))),
    ...after.filter(({ name }) => !known.has(name)).map(unexpectedTable),
  ];
}

/** Whether rows of it are missing from a snapshot. Foreign tables hold none here, and a view without data has none. Pure. */
export function isUnread({ kind, notRead }: TableSnapshot): boolean {
  return notRead !== null && kind !== 'foreign table' && kind !== 'materialized view';
}

function compareTable(before: TableSnapshot, after: TableSnapshot | undefined): Found[] {
  const { name } = before;
  const of = { severity: 'error', object: name } as const;
  if (after === undefined) {
    const remedy = 'See whether the dump was taken of the whole database and with a role that may read this table.';
    const shown = { expected: countRows(before), actual: 'no such table' };
    return [{ ...of, ...shown, rule: 'TABLE_MISSING', kind: 'missing', remedy }];
  }
  // Nothing was read on one side at least. The caller says so: see unreadTables.
  if (before.notRead !== null || after.notRead !== null) return [];
  const anew = before.kind === 'materialized view' ? computedAnew : {};
  if (before.rows !== after.rows) {
    const remedy =
      'Do not rely on this backup; take a new one and rehearse it. If it recurs, read the log of pg_restore.';
    const shown = { expected: countRows(before), actual: countRows(after) };
    return [{ ...of, ...shown, rule: 'ROW_COUNT_MISMATCH', kind: 'changed', remedy, ...anew }];
  }
  if (before.digest === after.digest) return [];
  return [
    {
      ...of,
      rule: 'CONTENT_MISMATCH',
      kind: 'changed',
      checks: ['content'],
      expected: `digest ${String(before.digest)}`,
      actual: `digest ${String(after.digest)}`,
      remedy:
        'The number of rows is right but values differ. Look for triggers or generated columns that depend on where they run.',
      ...anew,
    },
  ];
}

/**
 * Context: a dump holds no rows of a materialised view: a restore computes them anew, maybe from later rows of its tables than
 * it was refreshed with; still caught: its tables, its definition, and a view without data.
 */
const computedAnew = {
  origin: 'derived',
  remedy: 'A restore computes it anew. If that is not expected, refresh it at the source, and see what it depends on.',
} as const;

function unexpectedTable(table: TableSnapshot): Found {
  return {
    rule: 'TABLE_UNEXPECTED',
    kind: 'unexpected',
    severity: 'error',
    object: table.name,
    expected: 'no such table',
    actual: countRows(table),
    remedy: 'Something besides the restore wrote into the database, or template1 of the server is not empty.',
  };
}

function countRows({ rows }: TableSnapshot): string {
  return rows === null ? 'rows that were not read' : `${rows} row${rows === 1 ? '' : 's'}`;
}
