import { compareHashPartitions, hashedTableOf } from './compare-hash-partitions.ts';
import { countRows, describeRows, isSame } from './compare-rows.ts';
import { compareView } from './compare-views.ts';
import type { Found } from './difference.ts';
import { isNotDumped, unloggedOnStandby } from './not-dumped.ts';
import type { TableSnapshot } from './table-snapshot.ts';

/** Compares the content of tables: which there are, how many rows, and what stands in them. Pure. */
export function compareTables(before: TableSnapshot[], after: TableSnapshot[]): Found[] {
  const restored = new Map(after.map((table) => [table.name, table]));
  const known = new Set(before.map(({ name }) => name));
  const hashedIn = hashedTableOf(before, after);
  return [
    ...before.flatMap((table) => {
      const counterpart = restored.get(table.name);
      if (counterpart === undefined) return [missingTable(table)];
      // Hash partitions are compared together.
      return hashedIn.has(table.name) ? [] : compareTable(table, counterpart, before);
    }),
    ...compareHashPartitions(before, after, hashedIn),
    ...after.filter(({ name }) => !known.has(name)).map(unexpectedTable),
  ];
}

/** Whether rows of it are missing from a snapshot. Foreign tables hold none here, and a view without data has none. Pure. */
export function isUnread({ kind, notRead }: TableSnapshot): boolean {
  return notRead !== null && kind !== 'foreign table' && kind !== 'materialized view' && !isNotDumped(notRead);
}

function compareTable(before: TableSnapshot, after: TableSnapshot, tables: TableSnapshot[]): Found[] {
  if (before.notRead === unloggedOnStandby) return [withoutItsRows(before.name)];
  // The manifest of an earlier release counts what the extension itself brings.
  if (before.part !== after.part) return [];
  // Nothing was read on one side at least. The caller says so: see isUnread.
  if (before.notRead !== null || after.notRead !== null || isSame(before, after)) return [];
  return before.kind === 'materialized view'
    ? [compareView(before, after, tables)]
    : [describeRows(before.name, before, after)];
}

function missingTable(table: TableSnapshot): Found {
  return {
    rule: 'TABLE_MISSING',
    kind: 'missing',
    severity: 'error',
    object: table.name,
    expected: countRows(table),
    actual: 'no such table',
    remedy: 'See whether the dump was taken of the whole database and with a role that may read this table.',
  };
}

/** As it is called where a dump without a manifest has no data of a table. */
function withoutItsRows(name: string): Found {
  return {
    rule: 'TABLE_DATA_MISSING',
    kind: 'missing',
    severity: 'error',
    object: name,
    expected: 'its rows',
    actual: 'none, as the backup was taken from a standby, where an unlogged table has none',
    remedy: 'Take the backup from the primary, or make the table logged (ALTER TABLE … SET LOGGED) if its rows matter.',
  };
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
