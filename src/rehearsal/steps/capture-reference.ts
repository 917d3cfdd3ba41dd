import { count } from '../../terminal/count.ts';
import { findTable } from '../../snapshot/find-table.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { openSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { snapshotOptions } from '../snapshot-options.ts';
import type { ServedDatabase } from '../served-database.ts';
import { whileShown } from '../show-progress.ts';
import type { StepBody } from '../step.ts';

/** Takes the reference snapshot. Its transaction stays open, so that the dump is of the very same moment. */
export const captureReference: StepBody<{ served: ServedDatabase }, OpenSnapshot> = async (drill, { served }, say) => {
  const { run, profile, stopwatch } = drill;
  const options = { ...snapshotOptions(served), viewsWithinMs: profile.materializedViews.withinMs };
  const reference = await whileShown(say, { server: served.server, database: profile.database.name }, {}, async () =>
    run.use('reference snapshot', await openSnapshot(served.asReader, options)),
  );
  stopwatch.mark('snapshot');
  const { snapshot, takenAt } = reference;
  assertTablesExist(profile.tables, snapshot);
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  return {
    made: reference,
    summary: `${count(snapshot.tables.length, 'table')}, ${count(rows, 'row')}`,
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
