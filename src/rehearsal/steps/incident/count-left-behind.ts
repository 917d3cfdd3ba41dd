import type { Contribution } from '../../../evidence/contribution.ts';
import type { Finding } from '../../../evidence/schema.ts';
import { withReading } from '../../../recovery/read-session.ts';
import type { RecoveryServer } from '../../../recovery/recovery-server.ts';
import { countDifferences, type CountedDifference } from '../../../recovery/rows/compare-databases.ts';
import { countWrittenSince, type Written } from '../../../recovery/rows/written-since.ts';
import type { ToolLimits } from '../../../postgres/tool.ts';
import { nameInSql } from '../../../snapshot/find-table.ts';
import type { Snapshot } from '../../../snapshot/snapshot.ts';
import { objectsCheck } from './objects-check.ts';
import { countMissing, type RowHashes } from './row-hashes.ts';
import { typedAnywhere } from '../../../terminal/suggest.ts';

/** A rehearsal waits no longer for the numbers. */
const withinMs = 10 * 60_000;

type Counted = Required<Pick<Contribution, 'facts' | 'checks' | 'findings' | 'coverage'>>;

/**
 * Counts the rows that a switch leaves behind in the database that was put aside, as `npm run restore` does: they were written after
 * the backup. What both have is the same number from either side, and each row of a small table is looked for in the other one.
 * @param rows of small tables, read in another way
 */
export async function countLeftBehind(
  server: RecoveryServer,
  putAside: string,
  rows: Record<'live' | 'putAside', RowHashes>,
  limits: ToolLimits,
): Promise<Counted> {
  const counted = await countDifferences(server, [server.live, putAside], limits, withinMs);
  const open = counted.filter((difference) => !isAccountedFor(difference)).map(({ name }) => name);
  const miscounted = [...rows.live.keys()].filter((name) => {
    const diff = counted.find((each) => each.name === name)?.rows;
    return (
      countMissing(rows.putAside, rows.live, name) !== (diff ? diff.onlyRight.count + diff.changed.count : 0) ||
      countMissing(rows.live, rows.putAside, name) !== (diff ? diff.onlyLeft.count + diff.changed.count : 0)
    );
  });
  const wrong = [...new Set([...open, ...miscounted])];
  const sum = (count: (diff: NonNullable<CountedDifference['rows']>) => number) =>
    counted.reduce((total, each) => total + (each.rows === null ? 0 : count(each.rows)), 0);
  const facts = {
    rowsLeftBehind: sum(({ onlyRight }) => onlyRight.count),
    rowsBroughtBack: sum(({ onlyLeft }) => onlyLeft.count),
    rowsChanged: sum(({ changed }) => changed.count),
  };
  return {
    facts,
    coverage: coverageOf(
      'rows that were written between the backup and the switch',
      facts.rowsLeftBehind + facts.rowsChanged,
    ),
    checks: [objectsCheck('left-behind-counted', 'the rows that the switch leaves behind, counted by table', wrong)],
    findings: wrong.map((object) => notCounted(object, 'that the switch leaves behind')),
  };
}

/**
 * Counts the rows that were written between the switch and the rollback: in each table at least as many as there are more than
 * were restored, and as are in none of the rows of then.
 * @param rows of small tables, right after the switch and now
 */
export async function countWritten(
  server: RecoveryServer,
  { putAside, since }: { putAside: string; since: string | null },
  { restored, rows }: { restored: Snapshot; rows: Record<'before' | 'now', RowHashes> },
  limits: ToolLimits,
): Promise<Counted> {
  const { written, counts } = await withReading(server, putAside, limits, async (client) => ({
    written: since === null ? [] : await countWrittenSince(client, since, performance.now() + withinMs),
    counts: await countRowsOf(client, restored),
  }));
  const atLeast = ({ name, rows: before }: Snapshot['tables'][number]) =>
    Math.max((counts.get(name) ?? 0) - (before ?? 0), countMissing(rows.now, rows.before, name));
  const wrong = restored.tables
    .filter((table) => atLeast(table) > (rowsOf(written, table.name) ?? 0))
    .map(({ name }) => name);
  const rowsWrittenSinceSwitch = written.reduce((total, each) => total + (each.rows ?? 0), 0);
  return {
    facts: { rowsWrittenSinceSwitch },
    coverage: coverageOf('rows that were written between the switch and the rollback', rowsWrittenSinceSwitch),
    checks: [objectsCheck('written-counted', 'the rows that were written since the switch, counted by table', wrong)],
    findings: wrong.map((object) => notCounted(object, 'that were written since the switch')),
  };
}

function coverageOf(what: string, count: number): Counted['coverage'] {
  if (count > 0) return { checked: [what], notChecked: [] };
  return { checked: [], notChecked: [{ what, why: 'the "writes" of the profile have left none' }] };
}

function isAccountedFor({ live, restored, what, rows }: CountedDifference): boolean {
  if (what === 'only live' || what === 'only restored') return true;
  if (rows?.complete !== true || live === null || restored === null) return false;
  return live - rows.onlyLeft.count === restored - rows.onlyRight.count;
}

async function countRowsOf(
  client: Parameters<typeof countWrittenSince>[0],
  { tables }: Snapshot,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, kind } of tables) {
    if (kind !== 'table') continue;
    const { rows } = await client.query<{ rows: string }>(
      `select pg_catalog.count(*)::text as rows from only ${nameInSql({ name })}`,
    );
    counts.set(name, Number(rows[0]?.rows ?? 0));
  }
  return counts;
}

function rowsOf(written: Written[], table: string): number | null {
  return written.find(({ name }) => name === table)?.rows ?? null;
}

function notCounted(object: string, which: string): Finding {
  return {
    rule: 'ROWS_NOT_COUNTED',
    severity: 'error',
    object,
    message: `Rows of ${object} ${which} were not all counted.`,
    remedy: `Do not rely on the numbers that ${typedAnywhere('restore')} shows after a switch or a rollback, and report this.`,
  };
}
