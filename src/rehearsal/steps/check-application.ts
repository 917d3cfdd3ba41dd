import prettyMilliseconds from 'pretty-ms';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import type { AppProfile } from '../../config/profile.ts';
import { findAppProblem, launch, type AppProblem } from '../applications.ts';
import type { Drill } from '../drill.ts';
import type { Say, StepBody } from '../step.ts';

/** Waits until the application answers from the restored database. There the clock of the RTO stops. */
export const checkApplication: StepBody = async (drill, say) => {
  const application = await checkAnswers(drill, say);
  if (application.findings?.length) return application;
  drill.mark('answering');
  const objectives = measureObjectives(drill);
  return {
    ...application,
    checks: [...(application.checks ?? []), ...objectives.checks],
    findings: objectives.findings,
    objectives: objectives.objectives,
  };
};

/** Starts the application on the restored database, if it does not run there yet, and waits until it answers. */
export const checkOnRestored: StepBody = async (drill, say) => {
  const { app } = drill.profile;
  if (app !== undefined) drill.application ??= await drill.use('application', await launch(drill, app));
  return checkAnswers(drill, say);
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
  const problem = await findAppProblem(drill, drill.need('application'), app);
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

function applicationFinding({ code, object, expected, actual }: AppProblem): Finding {
  return {
    rule: code,
    severity: 'error',
    object,
    message: `On the restored database, ${object} should answer ${expected}, but ${actual}`,
    remedy:
      'Start the application on a restored copy by hand and read its log: either data is missing, or it does not recover by itself.',
  };
}

function measureObjectives(drill: Drill): Required<Pick<Contribution, 'objectives' | 'checks' | 'findings'>> {
  const { rto, rpo } = drill.profile.objectives;
  const rtoMs = drill.between('gone', 'answering');
  const rpoMs = drill.between('snapshot', 'gone');
  return {
    objectives: {
      rto: {
        targetMs: rto,
        measuredMs: rtoMs,
        met: rtoMs <= rto,
        phases: {
          probe: drill.between('gone', 'probed'),
          recreate: drill.between('probed', 'recreated'),
          restore: drill.between('recreated', 'restored'),
          compare: drill.between('restored', 'compared'),
          application: drill.between('compared', 'answering'),
        },
      },
      rpo: { targetMs: rpo, measuredMs: rpoMs, met: rpoMs <= rpo },
    },
    checks: [objectiveCheck('rto', rtoMs, rto), objectiveCheck('rpo', rpoMs, rpo)],
    findings: [
      ...(rtoMs <= rto ? [] : [missed('RTO', rtoMs, rto)]),
      ...(rpoMs <= rpo ? [] : [missed('RPO', rpoMs, rpo)]),
    ],
  };
}

function objectiveCheck(id: string, measuredMs: number, targetMs: number): Check {
  return {
    id,
    status: measuredMs <= targetMs ? 'passed' : 'failed',
    reason: null,
    expected: `at most ${prettyMilliseconds(targetMs)}`,
    actual: prettyMilliseconds(measuredMs),
  };
}

function missed(objective: 'RTO' | 'RPO', measuredMs: number, targetMs: number): Finding {
  return {
    rule: `${objective}_EXCEEDED`,
    severity: 'error',
    object: objective,
    message: `The ${objective} is ${prettyMilliseconds(targetMs)}, but ${prettyMilliseconds(measuredMs)} were measured.`,
    remedy:
      objective === 'RTO'
        ? 'See in objectives.rto.phases where the time went, or agree on another objective.'
        : 'Back up more often, or agree on another objective.',
  };
}
