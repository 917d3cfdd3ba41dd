import type { Outcome } from '../../evidence/outcome.ts';
import type { Reporting } from '../../evidence/reporter.ts';
import type { Verdict } from '../../evidence/schema.ts';
import { combineVerdicts } from '../../evidence/verdict.ts';
import { concludePlan, type Concluded, type Found } from '../../fleet/conclude.ts';
import type { Plan } from '../../fleet/plan.ts';
import { readEvidenceOf } from '../../fleet/read-evidence.ts';
import { recordFleet } from './record-fleet.ts';

/** What a plan has come to. */
export interface Conclusion {
  verdict: Verdict;
  databases: Concluded[];
  /** The runs that the verdicts follow from. */
  outcomes: Outcome[];
  /** The evidence of the whole; null where what there was says the same. */
  outcome: Outcome | null;
  /** The directory of the evidence of the whole. */
  directory: string;
}

/** Gives each database of a plan its verdict by the evidence in the reports, and writes the evidence of the whole. */
export async function concludeReports(
  plan: Plan,
  reporting: Reporting,
  whyMissing: (name: string) => string,
): Promise<Conclusion> {
  const { runs, fleet } = await readEvidenceOf(reporting.reports, plan.hash);
  const databases = concludePlan(plan, runs, whyMissing);
  const before = fleet.map(({ evidence }) => evidence);
  const outcome = await recordFleet(plan, databases, before, reporting);
  const directory = outcome?.directory ?? fleet.at(-1)?.directory ?? '';
  const outcomes = databases.flatMap((one) => one.runs.map(toOutcome));
  return { outcomes, verdict: combineVerdicts(databases.map(({ verdict }) => verdict)), databases, outcome, directory };
}

/** As it was published, it would have stood at the end of a ledger of its own. */
function toOutcome({ evidence, directory }: Found): Outcome {
  const ledger = { head: null, lines: 0 };
  return { evidence, directory, signedBy: null, timestamp: null, ledger, logs: {}, kept: undefined };
}
