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
import { judgeReadable, judgeRights } from './judge-rights.ts';
import type { OtherRole } from './let-others-work.ts';
import { reportOutage } from './report-outage.ts';
import type { Recovery } from './restore-live.ts';
import { readBoth, smallTables, type RowHashes } from './row-hashes.ts';

interface Needs {
  served: ServedDatabase;
  application: ApplicationUnderTest | null;
  traffic: Traffic;
  recovery: Recovery;
  other: OtherRole;
}

/** What the databases hold once names were exchanged. */
export interface AfterSwitch {
  /** The damaged one, which was put aside. */
  damaged: Snapshot;
  /** Each row of the one that is live. */
  liveRows: RowHashes;
}

/** Lets the restored database take the name of the live one. */
export const switchNames: StepBody<Needs, AfterSwitch> = async (
  drill,
  { served, application, traffic, other, recovery: { server, restored } },
  say,
) => {
  const cost = await carryRights(server, restored.name);
  const rights = judgeRights(cost);
  const startedAt = performance.now();
  const { exchanged, putAside, readable } = await switchOver(server, restored, new Date(), { cost, accepted: true });
  const answers = await checkAnswers(drill.run, application, say);
  const outage = await reportOutage(traffic, 'switch-outage', startedAt);
  const roles = judgeReadable(readable, other.login.user);
  const limits = toolLimits(drill);
  // Nobody writes to it any more.
  const damaged = await takeSnapshot({ ...served.asReader, database: putAside ?? '' }, snapshotOptions(served));
  const rows = await readBoth(served, putAside ?? '', smallTables(damaged));
  const leftBehind = await countLeftBehind(server, putAside ?? '', rows, limits);
  return {
    made: { damaged, liveRows: rows.live },
    summary: `${outage.summary ?? ''}; ${answers.summary ?? ''}`,
    facts: { ...answers.facts, ...outage.facts, ...exchanged, kept: putAside, ...rights.facts, ...leftBehind.facts },
    checks: [...(outage.checks ?? []), ...(answers.checks ?? []), ...roles.checks, ...leftBehind.checks],
    findings: [
      ...[...(outage.findings ?? []), ...(answers.findings ?? [])],
      ...[...rights.findings, ...roles.findings, ...leftBehind.findings],
    ],
    coverage: leftBehind.coverage,
  };
};
