import { inOneDisposableSession } from '../../postgres/disposable.ts';
import { dropDatabase } from '../../postgres/database.ts';
import type { OpenSnapshot } from '../../snapshot/take.ts';
import type { ApplicationUnderTest } from '../application-under-test.ts';
import type { Drill } from '../drill.ts';
import type { RestoreSite } from '../restore-site.ts';
import { recreateRoles } from '../roles.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody, StepResult } from '../step.ts';
import { createTarget } from './create-target.ts';
import type { TakenDump } from './dump.ts';
import { unmask } from './unmask.ts';

interface Needs {
  served: ServedDatabase;
  reference: OpenSnapshot;
  /** It has to be there before the database goes. */
  dump: TakenDump;
  application: ApplicationUnderTest | null;
}

/**
 * Drops the database, asks the application how it is without one, and creates the database empty. The clock of the RTO
 * starts when the database is gone.
 */
export const dropAndRecreate: StepBody<Needs, RestoreSite> = async (drill, needs) => {
  // Its transaction has held the moment for the dump; sessions in the database are about to be ended.
  await needs.reference[Symbol.asyncDispose]();
  return inOneDisposableSession(needs.served.server.admin, () => recreate(drill, needs));
};

async function recreate({ run, stopwatch }: Drill, { served, application }: Needs): Promise<StepResult<RestoreSite>> {
  stopwatch.mark('gone', await dropDatabase(served.server.admin, served.asOwner.database));
  const unmasking = await unmask(run, application);
  stopwatch.mark('probed');
  const roles = await recreateRoles(served);
  if (roles.findings?.length) return roles;
  const { made, ...created } = await createTarget(served);
  stopwatch.mark('recreated');
  return {
    ...(made && { made }),
    summary: [created.summary, unmasking.summary].filter(Boolean).join(', '),
    ...(roles.coverage && { coverage: roles.coverage }),
    facts: { ...created.facts, ...roles.facts, ...unmasking.facts },
    checks: [...(created.checks ?? []), ...(roles.checks ?? []), ...(unmasking.checks ?? [])],
    findings: [...(created.findings ?? []), ...(unmasking.findings ?? [])],
  };
}
