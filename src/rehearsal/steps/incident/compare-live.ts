import type { TakenBackup } from '../../../backup/take-backup.ts';
import type { Found } from '../../../snapshot/difference.ts';
import { facets } from '../../../snapshot/facets.ts';
import type { Snapshot } from '../../../snapshot/snapshot.ts';
import { findDifferences, here } from '../../../snapshot/weigh.ts';
import { takeSnapshot } from '../../../snapshot/take.ts';
import { toFinding } from '../../../restore/to-finding.ts';
import { snapshotOptions } from '../../snapshot-options.ts';
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
  const rows = findDifferences(snapshot, live, here, ['tables']);
  const settings = findDifferences(snapshot, live, here, ['DATABASE', 'DATABASE_SETTING']);
  return {
    summary: rows.length + settings.length === 0 ? 'the live database holds the backup’s rows' : 'it differs',
    checks: [
      objectsCheck('live-rows-restored', `the backup’s content in ${snapshot.tables.length} tables`, wrong(rows)),
      objectsCheck('database-settings', 'properties and settings of the database as at the backup', wrong(settings)),
    ],
    findings: [...rows, ...settings].map(toFinding),
    coverage: { checked: [facets.DATABASE.covers, facets.DATABASE_SETTING.covers], notChecked: [] },
  };
};

function wrong(found: Found[]): string[] {
  return found.filter(({ severity }) => severity === 'error').map(({ object }) => object);
}
