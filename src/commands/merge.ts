import { resolve } from 'node:path';
import { loadCommon } from '../config/load-common.ts';
import { publishRun } from '../evidence/sinks/table.ts';
import { mergeRuns } from '../fleet/merge-part.ts';
import { assertPlanWithin } from '../fleet/plan-age.ts';
import { readPlan } from '../fleet/plan.ts';
import { readParts, whyMissing } from '../fleet/read-parts.ts';
import { readEnvironment } from '../system/environment.ts';
import { OperationalError } from '../system/operational-error.ts';
import { count } from '../terminal/count.ts';
import { nearby } from '../terminal/nearby.ts';
import { defineCommand } from './command.ts';
import { concludeReports } from './fleet/conclude-reports.ts';
import { sayConclusion } from './fleet/say-fleet.ts';
import { config, duration, ofRehearsals, typedPath } from './flags.ts';
import { flags as ofRehearse } from './rehearse.ts';
import { openReporting } from './rehearse/open-reporting.ts';
import { say, sayHeading, warn } from './say.ts';

const { label, controls, timestamp, metrics } = ofRehearse;

export const flags = {
  plan: typedPath('FILE', 'the plan that the parts are of'),
  within: duration('refuse a plan that is older: then the rehearsals of tonight were never begun'),
  reports: ofRehearsals.reports,
  config,
  label,
  controls,
  timestamp,
  metrics,
};

/** Makes one ledger and one verdict of the parts of a plan. */
export const mergeCommand = defineCommand({
  name: 'merge',
  usage: '--plan FILE DIRECTORY…',
  about: [
    'Takes the evidence of all parts of a plan into one directory with one ledger, gives each database of the plan exactly one verdict, and writes the evidence of the whole: its page, and what was checked of how many databases. A database without evidence makes the whole could-not-run, and is named.',
    'The order of the parts plays no part, and what was merged before is not merged twice. Of several runs of one rehearsal, not-verified counts before verified, and that before could-not-run; of those, the later.',
  ],
  names: 'directories of the parts: what rehearse --plan FILE --shard I/N was given as --reports',
  flags,
  notes: [],
  exitStatus:
    '0 every database is verified; 1 one is not; 2 one could not be run or is missing, or parts cannot be merged. 1 outweighs 2.',

  async run(options, names) {
    const { plan: file } = options;
    if (file === null) throw new OperationalError('BAD_USAGE', 'Say which plan the parts are of: --plan FILE');
    if (names.length === 0) throw new OperationalError('BAD_USAGE', 'Name the directories of the parts.');
    const plan = await readPlan(file);
    assertPlanWithin(plan, nearby(file), options.within, new Date());
    const common = await loadCommon(options.config);
    const { runs, parts, notThere } = await readParts(
      names.map((name) => resolve(name)),
      plan,
    );
    const reporting = await openReporting(options, common, readEnvironment());
    const { reports, destinations } = reporting;
    sayHeading('restore-rehearsal merge', `of ${plan.profile} into ${nearby(reports)}\n`);
    for (const problem of notThere) warn(`! ${problem}`);
    const merged = await mergeRuns(reports, runs, plan);
    say(`${count(merged.length, 'run')} merged of ${runs.length} in ${count(parts.length, 'part')}`);
    const conclusion = await concludeReports(plan, reporting, whyMissing(parts));
    const { outcome } = conclusion;
    if (outcome !== null) {
      const outcomes = [...conclusion.outcomes, outcome];
      await publishRun({ reports, outcomes, screen: { print: () => undefined, columns: null }, destinations });
    }
    sayConclusion(conclusion, reports);
    return conclusion.verdict;
  },
});
