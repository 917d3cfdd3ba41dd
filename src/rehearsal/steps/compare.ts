import { takeSnapshot } from '../../snapshot/take.ts';
import { describeComparison } from '../comparison.ts';
import { snapshotOptions } from '../limits.ts';
import type { StepBody } from '../step.ts';

/** Compares the restored database with the reference. */
export const compare: StepBody = async (drill) => {
  const after = await takeSnapshot(drill.databaseAsAdmin, snapshotOptions(drill));
  drill.mark('compared');
  return describeComparison(drill.need('reference').snapshot, after, drill.profile);
};
