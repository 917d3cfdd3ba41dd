import { unmaskHealth, type Unmasking } from '../../app/unmask.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Finding } from '../../evidence/schema.ts';
import { countUserObjects, createDatabase, dropDatabase } from '../../postgres/database.ts';
import type { Drill } from '../drill.ts';
import { recreateRoles } from '../roles.ts';
import type { StepBody } from '../step.ts';

/**
 * Drops the database, asks the application how it is without one, and creates the database empty. The clock of the RTO
 * starts when the database is gone.
 */
export const dropAndRecreate: StepBody = async (drill) => {
  const server = drill.need('server');
  const { database, databaseAsAdmin } = drill;
  // Its transaction has held the moment for the dump; sessions in the database are about to be ended.
  await drill.need('reference')[Symbol.asyncDispose]();
  drill.mark('gone', await dropDatabase(server.admin, database.database));
  const unmasking = await unmask(drill);
  drill.mark('probed');
  const roles = await recreateRoles(drill);
  if (roles.findings?.length) return roles;
  await createDatabase(server.admin, database);
  const objects = await countUserObjects(databaseAsAdmin);
  drill.mark('recreated');
  return {
    summary: [objects === 0 ? 'empty' : `${objects} objects`, unmasking.summary].filter(Boolean).join(', '),
    facts: { objects, ...roles.facts, ...unmasking.facts },
    checks: [
      {
        id: 'recreated-empty',
        status: objects === 0 ? 'passed' : 'failed',
        reason: null,
        expected: 'no objects',
        actual: `${objects} objects`,
      },
      ...(roles.checks ?? []),
      ...(unmasking.checks ?? []),
    ],
    findings: [...(objects === 0 ? [] : [notEmpty(objects)]), ...(unmasking.findings ?? [])],
  };
};

function notEmpty(objects: number): Finding {
  return {
    rule: 'DATABASE_NOT_EMPTY',
    severity: 'error',
    object: 'template1',
    message: `The recreated database holds ${objects} objects before anything was restored: template1 is not empty.`,
    remedy: 'Clean up template1 of the image, or name another image.',
  };
}

const checkId = 'health-while-database-gone';

async function unmask(drill: Drill): Promise<Contribution> {
  const { app } = drill.profile;
  if (app === undefined || drill.application === null) {
    const reason = 'the profile has no application';
    return { checks: [{ id: checkId, status: 'not-applicable', reason, expected: null, actual: null }] };
  }
  const unmasking = await unmaskHealth(drill.application, app, drill.signal);
  const findings = unmasking.nature === 'backed' ? [] : [notBacked(unmasking, app.health.path)];
  return {
    summary: `${app.health.path} ${unmasking.nature === 'backed' ? 'noticed' : 'did not notice'}`,
    facts: { healthWhileGone: unmasking.actual },
    checks: [
      {
        id: checkId,
        status: unmasking.nature === 'blind' ? 'failed' : 'passed',
        reason: unmasking.nature === 'decoration' ? 'the health check hid it, but another probe failed' : null,
        expected: `${app.health.path} or another probe fails`,
        actual: `${app.health.path}: ${unmasking.actual}`,
      },
    ],
    findings,
  };
}

function notBacked({ nature, actual }: Unmasking, path: string): Finding {
  const blind = nature === 'blind';
  return {
    rule: 'HEALTH_NOT_DATABASE_BACKED',
    severity: blind ? 'error' : 'warning',
    object: path,
    message:
      `While the database was gone, ${path} still answered ${actual}: this health check proves nothing about a restore. ` +
      (blind
        ? 'No other probe of the profile failed, either.'
        : 'Another probe of the profile did fail, so the application was checked all the same.'),
    remedy: blind
      ? 'Add a probe to the profile that reads the database, or let the health check query it.'
      : 'Let the health check query the database.',
  };
}
