import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import type { AppProfile } from '../../config/profile.ts';
import { findApplicationError, launch, type ApplicationError } from '../applications.ts';
import type { Drill } from '../drill.ts';
import { measureObjectives, type Phase } from '../objectives.ts';
import type { Say, StepBody } from '../step.ts';

/** Waits until the application answers from the restored database. There the clock of the RTO stops. */
export const checkApplication: StepBody = async (drill, say) => {
  const application = await checkAnswers(drill, say);
  if (application.findings?.length) return application;
  drill.mark('answering');
  const objectives = measureObjectives(drill, phases, drill.between('snapshot', 'gone'));
  return {
    ...application,
    checks: [...(application.checks ?? []), ...objectives.checks],
    findings: objectives.findings,
    objectives: objectives.objectives,
  };
};

const phases: Phase[] = [
  ['probe', 'gone', 'probed'],
  ['recreate', 'probed', 'recreated'],
  ['restore', 'recreated', 'restored'],
  ['compare', 'restored', 'compared'],
  ['application', 'compared', 'answering'],
];

/** Starts the application on the restored database, if it does not run there yet, and waits until it answers. */
export const checkOnRestored: StepBody = async (drill, say) => {
  const { app } = drill.profile;
  if (app !== undefined) drill.application ??= await drill.use('application', await launch(drill, app));
  const application = await checkAnswers(drill, say);
  drill.mark('answering');
  return {
    ...application,
    ...(drill.application !== null && {
      environment: {
        isolation: { server: drill.need('server').isolation, application: drill.application.isolation },
      },
    }),
  };
};

/** Waits until the application answers as it should, and says what is wrong if it does not. */
export async function checkAnswers(drill: Drill, say: Say): Promise<Contribution> {
  const { app } = drill.profile;
  if (app === undefined) {
    const reason = 'the profile has no application';
    return {
      summary: reason,
      checks: [{ id: 'application-answers', status: 'not-applicable', reason, expected: null, actual: null }],
    };
  }
  const restarted = await restartIfEnded(drill, app);
  say(`waiting for ${app.health.path}`);
  const problem = await findApplicationError(drill, drill.need('application'), app);
  const answers = `${app.health.path} and ${app.probes.length} further probe${app.probes.length === 1 ? '' : 's'}`;
  const check: Check = {
    id: 'application-answers',
    status: problem === null ? 'passed' : 'failed',
    reason: null,
    expected: `${answers} pass`,
    actual: problem === null ? 'all pass' : `${problem.object}: ${problem.actual}`,
  };
  return {
    summary: problem === null ? `${answers} pass` : problem.object,
    facts: restarted === null ? {} : { restarted },
    checks: [check],
    findings: problem === null ? [] : [applicationFinding(problem)],
  };
}

/** An application that ends when it loses its database would be started again by its supervisor; here that is us. */
async function restartIfEnded(drill: Drill, app: AppProfile): Promise<string | null> {
  const exit = await drill.need('application').readExit();
  if (exit === null) return null;
  await drill.need('application')[Symbol.asyncDispose]();
  drill.application = await drill.use('application, started again', await launch(drill, app));
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
