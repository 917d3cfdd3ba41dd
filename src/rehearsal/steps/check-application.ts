import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import { ApplicationUnderTest } from '../application-under-test.ts';
import {
  failsAnywayError,
  findApplicationError,
  withoutDatabaseError,
  type ApplicationError,
} from '../application-errors.ts';
import { failsOnSeed } from '../control-application.ts';
import { readDatabaseUse, readUseSince } from '../database-use.ts';
import { measureObjectives, type Phase } from '../objectives.ts';
import type { RestoredDatabase } from '../restore-site.ts';
import type { Run } from '../run.ts';
import type { Say, StepBody, StepResult } from '../step.ts';

interface Needs {
  restored: RestoredDatabase;
  application: ApplicationUnderTest | null;
}

/** Waits until the application answers from the restored database. There the clock of the RTO stops. */
export const checkApplication: StepBody<Needs> = async (drill, { application }, say) => {
  const { run, stopwatch } = drill;
  const answers = await checkAnswers(run, application, say);
  if (answers.findings?.length) return answers;
  stopwatch.mark('answering');
  const objectives = measureObjectives(drill, phases, seededAge);
  return {
    ...answers,
    checks: [...(answers.checks ?? []), ...objectives.checks],
    findings: objectives.findings,
    objectives: objectives.objectives,
  };
};

/** It was dumped within the same minute. */
const seededAge = { notApplicable: 'the data was seeded for this rehearsal' };

const phases: Phase[] = [
  ['probe', 'gone', 'probed'],
  ['recreate', 'probed', 'recreated'],
  ['restore', 'recreated', 'restored'],
  ['compare', 'restored', 'compared'],
  ['application', 'compared', 'answering'],
];

/** Starts the application on the restored database, and waits until it answers. */
export const checkOnRestored: StepBody<{ restored: RestoredDatabase }, ApplicationUnderTest | null> = async (
  { stopwatch },
  { restored },
  say,
) => {
  const { server } = restored.served;
  const before = await readDatabaseUse(server.admin, restored.name);
  const application = await ApplicationUnderTest.start(restored.served, restored.asOwner);
  const result = await checkStarted(restored, application, say);
  if (application !== null && result.findings?.length) {
    await application.current[Symbol.asyncDispose]();
    const use = await readUseSince(server.admin, restored.name, before);
    const error = withoutDatabaseError(result.findings, use);
    if (error !== null) throw error;
    say('starting the application on the seed, to tell its failure from the backup’s');
    const seeded = await failsOnSeed(restored.served);
    if (seeded !== null) throw failsAnywayError(seeded);
  }
  stopwatch.mark('answering');
  return result;
};

/** Waits until an application answers that was started on the restored database. */
export async function checkStarted(
  { served }: RestoredDatabase,
  application: ApplicationUnderTest | null,
  say: Say,
): Promise<StepResult<ApplicationUnderTest | null>> {
  const answers = await checkAnswers(served.drill.run, application, say);
  if (application === null) return { ...answers, made: null };
  const isolation = { server: served.server.isolation, application: application.current.isolation };
  return { ...answers, made: application, environment: { isolation } };
}

/** Waits until the application answers as it should, and says what is wrong if it does not. */
export async function checkAnswers(
  run: Run,
  application: ApplicationUnderTest | null,
  say: Say,
): Promise<Contribution> {
  if (application === null) {
    const reason = 'the profile has no application';
    return {
      summary: reason,
      checks: [{ id: 'application-answers', status: 'not-applicable', reason, expected: null, actual: null }],
    };
  }
  const { app } = application;
  const restarted = await restartIfEnded(application);
  say(`waiting for ${app.health.path}`);
  const error = await findApplicationError(run, application);
  const answers = `${app.health.path} and ${app.probes.length} further probe${app.probes.length === 1 ? '' : 's'}`;
  const check: Check = {
    id: 'application-answers',
    status: error === null ? 'passed' : 'failed',
    reason: null,
    expected: `${answers} pass`,
    actual: error === null ? 'all pass' : `${error.object}: ${error.actual}`,
  };
  return {
    summary: error === null ? `${answers} pass` : error.object,
    facts: restarted === null ? {} : { restarted },
    checks: [check],
    findings: error === null ? [] : [applicationFinding(error)],
  };
}

/** An application that ends when it loses its database would be started again by its supervisor; here that is us. */
async function restartIfEnded(application: ApplicationUnderTest): Promise<string | null> {
  const exit = await application.current.readExit();
  if (exit === null) return null;
  await application.startAgain();
  return `while its database was gone, ${exit.split('\n', 1)[0] ?? ''}`;
}

function applicationFinding({ code, object, expected, actual }: ApplicationError): Finding {
  return {
    rule: code,
    severity: 'error',
    object,
    message: `On the restored database, ${object} should answer ${expected}, but ${actual}`,
    remedy:
      'Start the application on a restored copy by hand and read its log: either data is missing, or it does not recover by itself.',
  };
}
