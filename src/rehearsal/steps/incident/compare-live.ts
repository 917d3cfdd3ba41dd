import type { TakenBackup } from '../../../backup/take-backup.ts';
import { compareState } from '../../../snapshot/compare-state.ts';
import { compareTables } from '../../../snapshot/compare-tables.ts';
import type { Snapshot } from '../../../snapshot/snapshot.ts';
import { takeSnapshot } from '../../../snapshot/take.ts';
import { toFinding } from '../../comparison.ts';
import { snapshotOptions } from '../../limits.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import { objectsCheck } from './objects-check.ts';

interface Needs {
  served: ServedDatabase;
  taken: TakenBackup;
  /** What was put aside for what is live now. */
  damaged: Snapshot;
}

/** What is live now holds what the manifest says; sequences move on with writes that are taken back, and were compared before. */
export const compareLive: StepBody<Needs> = async (_drill, { served, taken }) => {
  const { snapshot } = taken.manifest;
  const live = await takeSnapshot(served.asReader, snapshotOptions(served));
  const rows = compareTables(snapshot.tables, live.tables);
  const settings = compareState(ofServer(snapshot), ofServer(live));
  const object = (difference: { object: string }) => difference.object;
  return {
    summary: rows.length + settings.length === 0 ? 'the live database holds the backup’s rows' : 'it differs',
    checks: [
      objectsCheck('live-rows-restored', `the backup’s content in ${snapshot.tables.length} tables`, rows.map(object)),
      objectsCheck(
        'database-settings',
        'properties and settings of the database as at the backup',
        settings.map(object),
      ),
    ],
    findings: [...rows, ...settings].map(toFinding),
  };
};

function ofServer({ state: { DATABASE, DATABASE_SETTING } }: Snapshot): Snapshot['state'] {
  return { ...(DATABASE && { DATABASE }), ...(DATABASE_SETTING && { DATABASE_SETTING }) };
}
