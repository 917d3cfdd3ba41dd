import type { Check } from '../../evidence/schema.ts';
import { createDatabase } from '../../postgres/database.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { restoreInto } from '../restore-database.ts';
import type { StepBody } from '../step.ts';
import { startWriters } from '../writers.ts';
import { dump } from './dump.ts';

const writesPerStatement = 20;

/** Starts to write to the source, over and over. It goes on until the comparison is done. */
export const startWriting: StepBody = async (drill) => {
  const { writes } = drill.profile;
  if (writes.length === 0) {
    const message = 'The profile has no "writes": name the statements that are to run while the dump is taken.';
    throw new OperationalError('PROFILE_INVALID', message);
  }
  drill.writers = await drill.use('writers', await startWriters(drill.database, writes));
  await drill.writers.written(1);
  return { summary: `${writes.length} writers`, facts: { writers: writes.length } };
};

/** Dumps in the reference's snapshot, after the source has changed since and while it goes on changing. */
export const dumpUnderWrites: StepBody = async (drill, say) => {
  const writers = drill.need('writers');
  await writers.written(writesPerStatement);
  const before = writers.counts();
  const contribution = await dump(drill, say);
  const during = writers.counts().map((count, index) => count - (before[index] ?? 0));
  return {
    ...contribution,
    summary: `${contribution.summary ?? ''}, ${during.reduce((sum, count) => sum + count, 0)} writes meanwhile`,
    facts: { ...contribution.facts, writesSinceSnapshot: writesPerStatement, writesDuringDump: during.join(', ') },
  };
};

/** Restores into a new database beside the source, which goes on changing. */
export const restoreCopy: StepBody = async (drill) => {
  drill.restoredName = 'restore_rehearsal_copy';
  await createDatabase(drill.need('server').admin, drill.restored);
  return restoreInto(drill, drill.restored);
};

/** Stops the writers, and sees to it that they had written to the end. */
export const stopWriting: StepBody = async (drill) => {
  const writers = drill.need('writers');
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
