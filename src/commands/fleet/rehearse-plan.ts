import { loadCommon } from '../../config/load-common.ts';
import type { Outcome } from '../../evidence/outcome.ts';
import { publishRun } from '../../evidence/sinks/table.ts';
import { combineVerdicts } from '../../evidence/verdict.ts';
import type { Verdict } from '../../evidence/schema.ts';
import type { Shard } from '../../fleet/choose-shard.ts';
import { shardName, writePart, type Part } from '../../fleet/part.ts';
import type { Plan } from '../../fleet/plan.ts';
import type { Bound } from '../../fleet/room-for-jobs.ts';
import { runAtOnce } from '../../fleet/run-at-once.ts';
import { splitPlan } from '../../fleet/split.ts';
import { loadRunner } from '../../rehearsal/run-rehearsals.ts';
import { hostName } from '../../rehearsal/trigger.ts';
import { readEnvironment } from '../../system/environment.ts';
import { removeLeftovers } from '../../system/leftovers.ts';
import type { Settings } from '../../config/settings.ts';
import { openReporting, type ReportingOptions } from '../rehearse/open-reporting.ts';
import { say, sayHeading, saySweep } from '../say.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { concludeReports } from './conclude-reports.ts';
import { lookAtMachine } from './look-at-machine.ts';
import { rehearseDatabase } from './rehearse-database.ts';
import { sayConclusion, sayDatabase } from './say-fleet.ts';

/** What a plan is rehearsed with. */
export interface PlanRun {
  plan: Plan;
  /** Null: all of it, with a verdict on the whole in the end. */
  shard: Shard | null;
  settings: Settings;
  options: ReportingOptions;
  interruptible: () => AbortSignal;
}

/**
 * Rehearses a plan, or a part of it.
 * @returns the verdict of what was rehearsed; of a part, the whole takes all parts and `merge`
 */
export async function rehearsePlan({ plan, shard, settings, options, interruptible }: PlanRun): Promise<Verdict> {
  const environment = readEnvironment();
  await loadRunner();
  const common = await loadCommon(settings.config);
  const reporting = await openReporting(options, common, environment);
  const { reports } = reporting;
  const { index, total } = shard ?? { index: 1, total: 1 };
  const databases = splitPlan(plan.databases, total)[index - 1] ?? [];
  sayHeading('restore-rehearsal', `of ${plan.profile}: ${databases.length} of ${plan.databases.length} databases`);
  say(`plan ${plan.hash.slice(0, 12)} of ${plan.createdAt}, part ${shardName({ index, total })}`);
  saySweep(await removeLeftovers(environment), 'what a killed rehearsal left');
  const interrupted = interruptible();
  const part: Part = {
    ...{ partVersion: 1, plan: plan.hash, shard: { index, total }, databases: databases.map(({ name }) => name) },
    ...{ host: hostName(), startedAt: new Date().toISOString(), finishedAt: null },
  };
  await writePart(reports, part);
  const outcomes: Outcome[] = [];
  const ran = {
    plan,
    exported: common.exported,
    settings: { ...settings, reports },
    options,
    reporting,
    environment,
    interrupted,
  };
  console.log();
  await runAtOnce(databases, {
    jobs: settings.jobs,
    machine: await lookAtMachine(environment.temporaryDirectory),
    interrupted,
    waits: ({ name }, bound) => {
      say(`${oneLine(name)} waits: ${whyWaiting[bound]}`);
    },
    run: async (planned) => {
      const own = await rehearseDatabase(planned, ran);
      outcomes.push(...own);
      sayDatabase(planned, own, reports);
    },
  });
  if (!interrupted.aborted) await writePart(reports, { ...part, finishedAt: new Date().toISOString() });
  if (shard === null) {
    const conclusion = await concludeReports(plan, reporting, () => 'the run ended before it');
    const all = [...outcomes, ...(conclusion.outcome === null ? [] : [conclusion.outcome])];
    await publish(all, reporting);
    sayConclusion(conclusion, reports);
    return conclusion.verdict;
  }
  await publish(outcomes, reporting);
  const isWhole = !interrupted.aborted && outcomes.length >= databases.length;
  return databases.length === 0
    ? 'verified'
    : combineVerdicts([
        ...outcomes.map(({ evidence }) => evidence.verdict),
        ...(isWhole ? [] : ['could-not-run' as const]),
      ]);
}

const whyWaiting: Readonly<Record<Bound, string>> = {
  jobs: 'as many are at work as --jobs allows',
  cores: 'the processors are busy with those that are at work',
  memory: 'there is not enough memory beside those that are at work',
  disk: 'there is not enough room on the disk beside those that are at work',
};

async function publish(outcomes: Outcome[], { reports, destinations }: Awaited<ReturnType<typeof openReporting>>) {
  await publishRun({ reports, outcomes, screen: { print: () => undefined, columns: null }, destinations });
}
