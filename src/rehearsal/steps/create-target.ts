import type { Contribution } from '../../evidence/contribution.ts';
import type { Finding } from '../../evidence/schema.ts';
import { countUserObjects, createDatabase } from '../../postgres/database.ts';
import type { Drill } from '../drill.ts';
import type { StepBody } from '../step.ts';

/** Creates the database that is restored into, and sees to it that it is empty. */
export const createTarget: StepBody = async (drill) => {
  await createDatabase(drill.need('server').admin, drill.restored);
  return checkEmpty(drill);
};

/** Sees to it that the database that is restored into is empty. */
export async function checkEmpty(drill: Drill): Promise<Contribution> {
  const objects = await countUserObjects(drill.restoredAsAdmin);
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
