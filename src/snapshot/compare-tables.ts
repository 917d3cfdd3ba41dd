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
  // Context: a dump holds no rows of a materialised view, which a restore computes anew from tables, maybe later ones than it was
  // refreshed with; still caught: its tables, its definition, and a view without data.
  const changed = {
    ...of,
    kind: 'changed',
    origin: before.kind === 'materialized view' ? 'derived' : 'backup',
  } as const;
  if (after === undefined) {
    const remedy = 'See whether the dump was taken of the whole database and with a role that may read this table.';
    return [
      { ...of, rule: 'TABLE_MISSING', kind: 'missing', expected: countRows(before), actual: 'no such table', remedy },
    ];
  }
  // Nothing was read on one side at least. The caller says so: see unreadTables.
  if (before.notRead !== null || after.notRead !== null) return [];
  if (before.rows !== after.rows) {
    const remedy =
      'Do not rely on this backup; take a new one and rehearse it. If it recurs, read the log of pg_restore.';
    return [{ ...changed, rule: 'ROW_COUNT_MISMATCH', expected: countRows(before), actual: countRows(after), remedy }];
  }
  if (before.digest === after.digest) return [];
  return [
    {
      ...changed,
      rule: 'CONTENT_MISMATCH',
      checks: ['content'],
      expected: `digest ${String(before.digest)}`,
      actual: `digest ${String(after.digest)}`,
      remedy:
        'The number of rows is right but values differ. Look for triggers or generated columns that depend on where they run.',
    },
  ];
}

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
