import type pg from 'pg';
import type { ToolLimits } from '../../postgres/tool.ts';
import { nameInSql } from '../../snapshot/find-table.ts';
import { readTables } from '../../snapshot/read-tables.ts';
import { currentDigest } from '../../snapshot/digest-version.ts';
import { compareWithLive, type TableDifference } from '../live-differences.ts';
import { withReading } from '../read-session.ts';
import type { RecoveryServer } from '../recovery-server.ts';
import { diffRows, type RowDiff } from './diff-rows.ts';

/** How a table differs, with rows counted as far as there was time. */
export interface CountedDifference extends TableDifference {
  /** Null where only one has the table, where it is partitioned, and its partitions are counted, or where there was no time. */
  rows: RowDiff | null;
}

/** Two databases of the server, each in one moment. */
export function withBoth<T>(
  server: RecoveryServer,
  [left, right]: [string, string],
  limits: ToolLimits,
  read: (left: pg.Client, right: pg.Client) => Promise<T>,
): Promise<T> {
  return withReading(server, left, limits, (here) => withReading(server, right, limits, (there) => read(here, there)));
}

/**
 * Counts the rows that only one of two databases has, or that are not the same, in the tables that differ.
 * @param names the live database and the other
 * @param withinMs for counting; what is not counted by then is left open
 */
export async function countDifferences(
  server: RecoveryServer,
  names: [string, string],
  limits: ToolLimits,
  withinMs: number,
): Promise<CountedDifference[]> {
  return withBoth(server, names, limits, async (left, right) => {
    const digestVersion = currentDigest;
    const [live, restored] = await Promise.all(
      [left, right].map(async (client) => ({ tables: await readTables({ client, digestVersion }) })),
    );
    if (live === undefined || restored === undefined) return [];
    return countRows([left, right], compareWithLive(live, restored), performance.now() + withinMs);
  });
}

/** Counts rows of tables that are known to differ, each for itself, until the time is up. */
export async function countRows(
  [left, right]: [pg.Client, pg.Client],
  differences: TableDifference[],
  deadline: number,
): Promise<CountedDifference[]> {
  const counted: CountedDifference[] = [];
  let isInTime = true;
  for (const difference of differences) {
    const isInBoth = difference.what === 'other number' || difference.what === 'other rows';
    const table = nameInSql(difference);
    const rows: RowDiff | null =
      isInBoth && isInTime ? await diffRows(left, right, table, { keys: 0, deadline }) : null;
    // A statement that was ended has ended the transaction.
    isInTime &&= rows?.complete !== false;
    counted.push({ ...difference, rows });
  }
  return counted;
}
