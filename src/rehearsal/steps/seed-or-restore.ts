import { basename } from 'node:path';
import { dropDatabase } from '../../postgres/database.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody, StepResult } from '../step.ts';
import { examineChosen } from './examine.ts';
import { prepareSite } from './prepare-target.ts';
import { restoreBackup } from './restore-backup.ts';
import { seedBaseline } from './seed.ts';
import { selectBackup } from './select-backup.ts';

/**
 * Fills the database with what the profile starts from; where it has no seed, with its newest backup. That this restores is what
 * latest-backup proves: here it is only where a rehearsal starts.
 */
export const seedOrRestore: StepBody<{ served: ServedDatabase }> = async (drill, { served }, say) => {
  if (drill.profile.seed.length > 0) return seedBaseline(drill, { served }, say);
  const { made: backup } = passedOrThrow(await selectBackup(drill, {}, say));
  const { made: examined } = passedOrThrow(await examineChosen(drill, { served, backup }, say));
  await dropDatabase(served.server.admin, served.asOwner.database);
  const { made: site } = passedOrThrow(await prepareSite({ served, backup: examined }));
  passedOrThrow(await restoreBackup(drill, { site, backup: examined }, say));
  const file = basename(backup.set.dump);
  return {
    about: { data: 'backup', server: backup.examination.manifest?.source ?? null },
    summary: `the newest backup, ${file}, for the profile has no seed`,
    facts: { file, takenAt: backup.takenAt.toISOString() },
  };
};

/** @throws OperationalError SEED_FAILED: nothing was rehearsed yet */
function passedOrThrow<Made>({ made, findings = [], checks = [] }: StepResult<Made>): { made: Made } {
  const error = findings.find(({ severity }) => severity === 'error');
  const isFailed = checks.some(({ status }) => status === 'failed');
  if (made !== undefined && error === undefined && !isFailed) return { made };
  const reason = error === undefined ? 'see what latest-backup finds' : `${error.rule}: ${error.message}`;
  const message = `The profile has no seed, and its newest backup cannot be restored to start from: ${reason} Rehearse it by itself with latest-backup, or name seed files in the profile.`;
  throw new OperationalError('SEED_FAILED', message);
}
