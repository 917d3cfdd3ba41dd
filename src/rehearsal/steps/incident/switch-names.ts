import { carryRights } from '../../../recovery/rights-cost.ts';
import { switchOver } from '../../../recovery/switch-over.ts';
import type { Snapshot } from '../../../snapshot/snapshot.ts';
import { takeSnapshot } from '../../../snapshot/take.ts';
import type { ApplicationUnderTest } from '../../application-under-test.ts';
import { toolLimits } from '../../limits.ts';
import { snapshotOptions } from '../../snapshot-options.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import type { Traffic } from '../../traffic.ts';
import { checkAnswers } from '../check-application.ts';
import { countLeftBehind } from './count-left-behind.ts';
import { judgeRights } from './judge-rights.ts';
import { reportOutage } from './report-outage.ts';
import type { Recovery } from './restore-live.ts';

interface Needs {
  served: ServedDatabase;
  application: ApplicationUnderTest | null;
  traffic: Traffic;
  recovery: Recovery;
}

/** Lets the restored database take the name of the live one. Makes what the damaged one holds, put aside. */
export const switchNames: StepBody<Needs, Snapshot> = async (
  drill,
  { served, application, traffic, recovery: { server, restored } },
  say,
) => {
  const cost = await carryRights(server, restored.name);
  const rights = judgeRights(cost);
  const startedAt = performance.now();
  const { exchanged, putAside } = await switchOver(server, restored, new Date(), { cost, accepted: true });
  const answers = await checkAnswers(drill.run, application, say);
  const outage = await reportOutage(traffic, 'switch-outage', startedAt);
  const leftBehind = await countLeftBehind(server, putAside ?? '', toolLimits(drill));
  // Nobody writes to it any more.
  const damaged = await takeSnapshot({ ...served.asReader, database: putAside ?? '' }, snapshotOptions(served));
  return {
    made: damaged,
    summary: `${outage.summary ?? ''}; ${answers.summary ?? ''}`,
    facts: { ...answers.facts, ...outage.facts, ...exchanged, kept: putAside, ...rights.facts, ...leftBehind.facts },
    checks: [...(outage.checks ?? []), ...(answers.checks ?? []), ...leftBehind.checks],
    findings: [...(outage.findings ?? []), ...(answers.findings ?? []), ...rights.findings, ...leftBehind.findings],
  };
};
