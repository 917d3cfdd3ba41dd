import { firstReason } from '../evidence/describe.ts';
import type { Evidence, Verdict } from '../evidence/schema.ts';
import { combineVerdicts } from '../evidence/verdict.ts';
import type { Plan, PlannedDatabase } from './plan.ts';

/** Evidence of one database of a plan, and the directory that it is in. */
export interface Found {
  evidence: Evidence;
  directory: string;
}

/** The one verdict of a database, and what it follows from. */
export interface Concluded {
  planned: PlannedDatabase;
  verdict: Verdict;
  /** One for each rehearsal that was planned and came to evidence, in the order of the plan. */
  runs: Found[];
  /** Rehearsals that were planned, and of which there is no evidence. */
  missing: string[];
  /** Why it is not verified, in a few words; null where it is. */
  reason: string | null;
}

/**
 * Gives every database of a plan exactly one verdict, in the order of the plan. Evidence counts once, in whatever order it comes. Pure.
 * @param whyMissing says of a database why there may be nothing of it
 */
export function concludePlan(
  plan: Pick<Plan, 'databases' | 'hash'>,
  found: readonly Found[],
  whyMissing: (name: string) => string,
): Concluded[] {
  const chosen = chooseEach(plan, found);
  return plan.databases.map((planned) => {
    const all = planned.rehearsals.map((rehearsal) => ({ rehearsal, run: chosen.get(keyOf(planned.name, rehearsal)) }));
    const runs = all.flatMap(({ run }) => run ?? []);
    const missing = all.flatMap(({ rehearsal, run }) => (run === undefined ? [rehearsal] : []));
    const verdicts = [...runs.map(({ evidence }) => evidence.verdict), ...missing.map(() => 'could-not-run' as const)];
    const verdict = combineVerdicts(verdicts);
    const why = missing.length === 0 ? [] : [`no evidence of ${missing.join(', ')}: ${whyMissing(planned.name)}`];
    const reasons = [...runs.flatMap(({ evidence }) => reasonOf(evidence)), ...why];
    return { planned, verdict, runs, missing, reason: verdict === 'verified' ? null : reasons.join('; ') };
  });
}

function reasonOf(evidence: Evidence): string[] {
  if (evidence.verdict === 'verified') return [];
  return [`${evidence.rehearsal}: ${evidence.verdict} (${firstReason(evidence) ?? 'no step was run'})`];
}

/** Of each database and rehearsal, the evidence that counts. */
function chooseEach({ hash }: Pick<Plan, 'hash'>, found: readonly Found[]): Map<string, Found> {
  const chosen = new Map<string, Found>();
  for (const each of found) {
    const { plan, rehearsal } = each.evidence;
    if (plan === null || plan.hash !== hash || plan.database === null) continue;
    const key = keyOf(plan.database, rehearsal);
    const known = chosen.get(key);
    chosen.set(key, known === undefined ? each : whichCounts(known, each));
  }
  return chosen;
}

const keyOf = (database: string, rehearsal: string) => JSON.stringify([database, rehearsal]);

/** What speaks against a backup is not taken back by trying again; what could not be run is, once it could. */
const weights: Readonly<Record<Verdict, number>> = { 'not-verified': 2, verified: 1, 'could-not-run': 0 };

/** Of two runs of the same, the one that counts: by verdict, then the later, then by id. The order plays no part. Pure. */
export function whichCounts(one: Found, other: Found): Found {
  const keys = ({ evidence: { verdict, finishedAt, id } }: Found) => [weights[verdict], finishedAt, id] as const;
  const [a, b] = [keys(one), keys(other)];
  for (const place of [0, 1, 2] as const) {
    if (a[place] !== b[place]) return a[place] > b[place] ? one : other;
  }
  return one;
}
