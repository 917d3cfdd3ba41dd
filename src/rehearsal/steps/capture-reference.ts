import { OperationalError } from '../../system/operational-error.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { openSnapshot } from '../../snapshot/take.ts';
import { snapshotOptions } from '../limits.ts';
import type { StepBody } from '../step.ts';
import { findTable } from '../tables.ts';

/** Takes the reference snapshot. Its transaction stays open, so that the dump is of the very same moment. */
export const captureReference: StepBody = async (drill) => {
  drill.reference = await drill.use(
    'reference snapshot',
    await openSnapshot(drill.databaseAsReader, snapshotOptions(drill)),
  );
  drill.mark('snapshot');
  const { snapshot, takenAt } = drill.reference;
  drill.expected = snapshot;
  assertTablesExist(drill.profile.tables, snapshot);
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  return {
    summary: `${snapshot.tables.length} tables, ${rows} rows`,
    facts: { tables: snapshot.tables.length, rows, takenAt: takenAt.toISOString() },
  };
};

function assertTablesExist(tables: string[], snapshot: Snapshot): void {
  const missing = tables.filter((name) => findTable(snapshot, name) === undefined);
  if (missing.length === 0) return;
  const known = snapshot.tables.map(({ name }) => name).join(', ');
  const message = `The profile names tables that the database does not have: ${missing.join(', ')}. It has: ${known}.`;
  throw new OperationalError('PROFILE_INVALID', message);
}
