import { unmaskHealth, type Unmasking } from '../../app/unmask.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Finding } from '../../evidence/schema.ts';
import { closeDatabase, openDatabase } from '../../postgres/database.ts';
import type { ApplicationUnderTest } from '../application-under-test.ts';
import type { RestoredDatabase } from '../restore-site.ts';
import type { Run } from '../run.ts';
import type { StepBody } from '../step.ts';

interface Needs {
  restored: RestoredDatabase;
  application: ApplicationUnderTest | null;
}

/** Closes the restored database under the application that runs on it, asks the application how it is, and opens it again. */
export const closeUnderApplication: StepBody<Needs> = async ({ run }, { restored, application }) => {
  const { admin } = restored.served.server;
  await closeDatabase(admin, restored.name);
  const contribution = await unmask(run, application);
  await openDatabase(admin, restored.name);
  return contribution;
};

const checkId = 'health-while-database-gone';

/** Asks the application how it is while its database is gone, or as good as gone. */
export async function unmask({ signal }: Run, application: ApplicationUnderTest | null): Promise<Contribution> {
  if (application === null) {
    const reason = 'the profile has no application';
    return { checks: [{ id: checkId, status: 'not-applicable', reason, expected: null, actual: null }] };
  }
  const { app, current } = application;
  const unmasking = await unmaskHealth(current, app, signal);
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
