import type { Contribution } from '../../evidence/contribution.ts';
import type { Finding } from '../../evidence/schema.ts';
import { countUserObjects, createDatabase } from '../../postgres/database.ts';
import { RestoreSite } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepResult } from '../step.ts';

/** Creates the database that is restored into, and sees to it that it is empty. */
export async function createTarget(served: ServedDatabase, name?: string): Promise<StepResult<RestoreSite>> {
  const site = new RestoreSite(served, name);
  await createDatabase(served.server.admin, site.asOwner);
  return { made: site, ...(await checkEmpty(site)) };
}

/** Sees to it that the database that is restored into is empty. */
export async function checkEmpty(site: RestoreSite): Promise<Contribution> {
  const objects = await countUserObjects(site.asAdmin);
  return {
    summary: objects === 0 ? 'empty' : `${objects} objects`,
    facts: { objects },
    checks: [
      {
        id: 'recreated-empty',
        status: objects === 0 ? 'passed' : 'failed',
        reason: null,
        expected: 'no objects',
        actual: `${objects} objects`,
      },
    ],
    findings: objects === 0 ? [] : [notEmpty(objects)],
  };
}

function notEmpty(objects: number): Finding {
  return {
    rule: 'DATABASE_NOT_EMPTY',
    severity: 'error',
    object: 'template1',
    message: `The recreated database holds ${objects} objects before anything was restored: template1 is not empty.`,
    remedy: 'Clean up template1 of the image, or name another image.',
  };
}
