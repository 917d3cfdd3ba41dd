import type { Snapshot, TableSnapshot } from './snapshot.ts';

/** One difference between two snapshots. `rule` is stable; nothing in it is a row of data. */
export interface Difference {
  rule: 'TABLE_MISSING' | 'TABLE_UNEXPECTED' | 'ROW_COUNT_MISMATCH' | 'CONTENT_MISMATCH';
  object: string;
  expected: string;
  actual: string;
  remedy: string;
}

/** Names every difference of a restored database from its source. Pure. */
export function compareSnapshots(before: Snapshot, after: Snapshot): Difference[] {
  const restored = new Map(after.tables.map((table) => [table.name, table]));
  const known = new Set(before.tables.map(({ name }) => name));
  return [
    ...before.tables.flatMap((table) => compareTable(table, restored.get(table.name))),
    ...after.tables.filter(({ name }) => !known.has(name)).map(unexpectedTable),
  ];
}

function compareTable(before: TableSnapshot, after: TableSnapshot | undefined): Difference[] {
  if (after === undefined) {
    return [
      {
        rule: 'TABLE_MISSING',
        object: before.name,
        expected: countRows(before),
        actual: 'no such table',
        remedy: 'See whether the dump was taken of the whole database and with a role that may read this table.',
      },
    ];
  }
  if (before.rows !== after.rows) {
    return [
      {
        rule: 'ROW_COUNT_MISMATCH',
        object: before.name,
        expected: countRows(before),
        actual: countRows(after),
        remedy: 'Do not rely on this backup; take a new one and rehearse it. If it recurs, read the log of pg_restore.',
      },
    ];
  }
  if (before.digest === after.digest) return [];
  return [
    {
      rule: 'CONTENT_MISMATCH',
      object: before.name,
      expected: `digest ${String(before.digest)}`,
      actual: `digest ${String(after.digest)}`,
      remedy:
        'The number of rows is right but values differ. Look for triggers or generated columns that depend on where they run.',
    },
  ];
}

function unexpectedTable({ name, rows }: TableSnapshot): Difference {
  return {
    rule: 'TABLE_UNEXPECTED',
    object: name,
    expected: 'no such table',
    actual: countRows({ rows }),
    remedy: 'Something besides the restore wrote into the database, or template1 of the server is not empty.',
  };
}

function countRows({ rows }: Pick<TableSnapshot, 'rows'>): string {
  return `${rows} row${rows === 1 ? '' : 's'}`;
}
