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

/** A rehearsal waits no longer for the numbers. */
const withinMs = 10 * 60_000;

type Counted = Required<Pick<Contribution, 'facts' | 'checks' | 'findings'>>;

/**
 * Counts the rows that a switch leaves behind in the database that was put aside, as `npm run restore` does: they were written after
 * the backup. What both have is the same number from either side, or some were not counted.
 */
export async function countLeftBehind(server: RecoveryServer, putAside: string, limits: ToolLimits): Promise<Counted> {
  const counted = await countDifferences(server, [server.live, putAside], limits, withinMs);
  const wrong = counted.filter((difference) => !isAccountedFor(difference)).map(({ name }) => name);
  const sum = (count: (rows: NonNullable<CountedDifference['rows']>) => number) =>
    counted.reduce((total, { rows }) => total + (rows === null ? 0 : count(rows)), 0);
  return {
    facts: {
      rowsLeftBehind: sum(({ onlyRight }) => onlyRight.count),
      rowsBroughtBack: sum(({ onlyLeft }) => onlyLeft.count),
      rowsChanged: sum(({ changed }) => changed.count),
    },
    checks: [objectsCheck('left-behind-counted', 'the rows that the switch leaves behind, counted by table', wrong)],
    findings: wrong.map((object) => notCounted(object, 'that the switch leaves behind')),
  };
}

/** Counts the rows that were written between the switch and the rollback: at least as many as there are more than were restored. */
export async function countWritten(
  server: RecoveryServer,
  { putAside, since }: { putAside: string; since: string | null },
  restored: Snapshot,
  limits: ToolLimits,
): Promise<Counted> {
  const { written, rows } = await withReading(server, putAside, limits, async (client) => ({
    written: since === null ? [] : await countWrittenSince(client, since, performance.now() + withinMs),
    rows: await countRowsOf(client, restored),
  }));
  const more = restored.tables.filter(({ name, rows: before }) => (rows.get(name) ?? 0) > (before ?? 0));
  const wrong = more
    .filter(({ name, rows: before }) => (rows.get(name) ?? 0) - (before ?? 0) > (rowsOf(written, name) ?? 0))
    .map(({ name }) => name);
  return {
    facts: { rowsWrittenSinceSwitch: written.reduce((total, each) => total + (each.rows ?? 0), 0) },
    checks: [objectsCheck('written-counted', 'the rows that were written since the switch, counted by table', wrong)],
    findings: wrong.map((object) => notCounted(object, 'that were written since the switch')),
  };
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
    remedy: 'Do not rely on the numbers that npm run restore shows after a switch or a rollback, and report this.',
  };
}
