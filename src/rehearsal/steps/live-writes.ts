import type { Check } from '../../evidence/schema.ts';
import { createDatabase } from '../../postgres/database.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { OpenSnapshot } from '../../snapshot/take.ts';
import { RestoreSite, type RestoredDatabase } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody } from '../step.ts';
import { startWriters, type Writers } from '../writers.ts';
import { takeDump, type TakenDump } from './dump.ts';
import { restoreDump } from './restore.ts';

const writesPerStatement = 20;

/** Starts to write to the source, over and over. It goes on until the comparison is done. */
export const startWriting: StepBody<{ served: ServedDatabase }, Writers> = async ({ run, profile }, { served }) => {
  const { writes } = profile;
  if (writes.length === 0) {
    const message = 'The profile has no "writes": name the statements that are to run while the dump is taken.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  const writers = await run.use('writers', await startWriters(served.asOwner, writes));
  await writers.written(1);
  return { made: writers, summary: `${writes.length} writers`, facts: { writers: writes.length } };
};

/** Dumps in the reference's snapshot, after the source has changed since and while it goes on changing. */
export const dumpUnderWrites: StepBody<
  { served: ServedDatabase; reference: OpenSnapshot; writers: Writers },
  TakenDump
> = async (drill, { served, reference, writers }, say) => {
  await writers.written(writesPerStatement);
  const before = writers.counts();
  const contribution = await takeDump(drill, { served, reference }, say);
  const during = writers.counts().map((count, index) => count - (before[index] ?? 0));
  return {
    ...contribution,
    summary: `${contribution.summary ?? ''}, ${during.reduce((sum, count) => sum + count, 0)} writes meanwhile`,
    facts: { ...contribution.facts, writesSinceSnapshot: writesPerStatement, writesDuringDump: during.join(', ') },
  };
};

/** Restores into a new database beside the source, which goes on changing. */
export const restoreCopy: StepBody<{ served: ServedDatabase; dump: TakenDump }, RestoredDatabase> = async (
  drill,
  { served, dump: taken },
  say,
) => {
  const site = new RestoreSite(served, 'restore_rehearsal_copy');
  await createDatabase(served.server.admin, site.asOwner);
  return restoreDump(drill, { site, dump: taken }, say);
};

/** Stops the writers, and sees to it that they had written to the end. */
export const stopWriting: StepBody<{ writers: Writers; restored: RestoredDatabase }> = async (_drill, { writers }) => {
  await writers.written(1);
  await writers.stop();
  const counts = writers.counts();
  const check: Check = {
    id: 'writes-happened',
    status: counts.every((count) => count > writesPerStatement) ? 'passed' : 'failed',
    reason: null,
    expected: `each statement more than ${writesPerStatement} times, to the end`,
    actual: counts.join(', '),
  };
  return { summary: `${counts.reduce((sum, count) => sum + count, 0)} writes in all`, checks: [check] };
};
