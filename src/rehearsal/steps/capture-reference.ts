import { count } from '../../terminal/count.ts';
import { findTable } from '../../snapshot/find-table.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { openMoment, readMoment } from '../../snapshot/take.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { Drill } from '../drill.ts';
import { snapshotOptions } from '../snapshot-options.ts';
import type { ServedDatabase } from '../served-database.ts';
import { whileShown } from '../show-progress.ts';
import type { Say, StepBody, StepResult } from '../step.ts';
import { startDump, type CapturedReference } from './dump-under-way.ts';

type CaptureReference = StepBody<{ served: ServedDatabase }, CapturedReference>;

/** Takes the reference snapshot. Its transaction stays open, so that the dump is of the very same moment. */
export const captureReference: CaptureReference = (drill, { served }, say) => capture(drill, served, say, 'later');

/**
 * The same, and pg_dump begins with the dump meanwhile; the next step waits for its end. Not so on a server of others, which may have
 * no room for the locks of one more session, and not with `--faithful`, where a drill takes the time that production takes.
 */
export const captureWhileDumping: CaptureReference = (drill, { served }, say) => {
  const alone = served.server.engine === 'target' || drill.choices.faithful === true;
  return capture(drill, served, say, alone ? 'later' : 'at once');
};

async function capture(
  { run, profile, stopwatch }: Drill,
  served: ServedDatabase,
  say: Say,
  dumps: 'at once' | 'later',
): Promise<StepResult<CapturedReference>> {
  const options = { ...snapshotOptions(served), viewsWithinMs: profile.materializedViews.withinMs };
  const { server, asReader } = served;
  const reference = await whileShown(say, { server, database: profile.database.name }, {}, async () => {
    const moment = await run.use('reference snapshot', await openMoment(asReader, options));
    if (dumps === 'later') return readMoment(moment);
    const dumping = await run.use('dump', startDump(served, moment));
    return { ...(await readMoment(moment)), dumping };
  });
  stopwatch.mark('snapshot');
  const { snapshot, takenAt } = reference;
  assertTablesExist(profile.tables, snapshot);
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  return {
    made: reference,
    summary: `${count(snapshot.tables.length, 'table')}, ${count(rows, 'row')}`,
    facts: { tables: snapshot.tables.length, rows, takenAt: takenAt.toISOString() },
  };
}

function assertTablesExist(tables: string[], snapshot: Snapshot): void {
  const missing = tables.filter((name) => findTable(snapshot, name) === undefined);
  if (missing.length === 0) return;
  const known = snapshot.tables.map(({ name }) => name).join(', ');
  const message = `The profile names tables that the database does not have: ${missing.join(', ')}. It has: ${known}.`;
  throw new OperationalError('PROFILE_INVALID', message);
}
