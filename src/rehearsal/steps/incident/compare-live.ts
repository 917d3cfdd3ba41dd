import type { TakenBackup } from '../../../backup/take-backup.ts';
import type { Found } from '../../../snapshot/difference.ts';
import { facets } from '../../../snapshot/facets.ts';
import { findDifferences, here } from '../../../snapshot/weigh.ts';
import { takeSnapshot } from '../../../snapshot/take.ts';
import { toFinding } from '../../../restore/to-finding.ts';
import { snapshotOptions } from '../../snapshot-options.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import type { OtherRole } from './let-others-work.ts';
import { objectsCheck } from './objects-check.ts';
import { compareProperties, propertiesCompared } from './properties.ts';
import type { Recovery } from './restore-live.ts';
import type { AfterSwitch } from './switch-names.ts';

interface Needs {
  served: ServedDatabase;
  taken: TakenBackup;
  recovery: Recovery;
  other: OtherRole;
  /** For this to come behind it. */
  switched: AfterSwitch;
}

/** What is live now holds what the manifest says; sequences move on with writes that are taken back, and were compared before. */
export const compareLive: StepBody<Needs> = async (_drill, { served, taken, recovery, other }) => {
  const { snapshot } = taken.manifest;
  const live = await takeSnapshot(served.asReader, snapshotOptions(served));
  const rows = findDifferences(snapshot, live, here, ['tables']);
  const settings = findDifferences(snapshot, live, here, ['DATABASE', 'DATABASE_SETTING']);
  const properties = await compareProperties(recovery.server, 'properties-kept', other.facts);
  return {
    summary: rows.length + settings.length === 0 ? 'the live database holds the backup’s rows' : 'it differs',
    checks: [
      objectsCheck('live-rows-restored', `the backup’s content in ${snapshot.tables.length} tables`, wrong(rows)),
      objectsCheck('database-settings', 'properties and settings of the database as at the backup', wrong(settings)),
      ...properties.checks,
    ],
    findings: [...[...rows, ...settings].map(toFinding), ...properties.findings],
    coverage: {
      checked: [facets.DATABASE.covers, facets.DATABASE_SETTING.covers, propertiesCompared],
      notChecked: [],
    },
  };
};

function wrong(found: Found[]): string[] {
  return found.filter(({ severity }) => severity === 'error').map(({ object }) => object);
}
