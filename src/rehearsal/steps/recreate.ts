import { dropDatabase } from '../../postgres/database.ts';
import { recreateRoles } from '../roles.ts';
import type { StepBody } from '../step.ts';
import { createTarget } from './create-target.ts';
import { unmask } from './unmask.ts';

/**
 * Drops the database, asks the application how it is without one, and creates the database empty. The clock of the RTO
 * starts when the database is gone.
 */
export const dropAndRecreate: StepBody = async (drill, say) => {
  const server = drill.need('server');
  // Its transaction has held the moment for the dump; sessions in the database are about to be ended.
  await drill.need('reference')[Symbol.asyncDispose]();
  drill.mark('gone', await dropDatabase(server.admin, drill.database.database));
  const unmasking = await unmask(drill);
  drill.mark('probed');
  const roles = await recreateRoles(drill);
  if (roles.findings?.length) return roles;
  const created = await createTarget(drill, say);
  drill.mark('recreated');
  return {
    summary: [created.summary, unmasking.summary].filter(Boolean).join(', '),
    facts: { ...created.facts, ...roles.facts, ...unmasking.facts },
    checks: [...(created.checks ?? []), ...(roles.checks ?? []), ...(unmasking.checks ?? [])],
    findings: [...(created.findings ?? []), ...(unmasking.findings ?? [])],
  };
};
