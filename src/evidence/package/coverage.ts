import { latestAfterMs } from '../cadence.ts';
import { drillKey } from '../ledger/drills.ts';
import type { RunLine } from '../ledger/line.ts';
import { startedAt } from '../ledger/started-at.ts';
import type { Period } from '../period.ts';
import type { Evidence, Verdict } from '../schema.ts';

/** What was rehearsed in a period, how often, and what was not. */
export interface CoverageStatement {
  from: string;
  to: string;
  frequencyMs: number | null;
  drills: DrillCoverage[];
  /** Databases that were to be rehearsed, and were not. */
  neverRehearsed: string[];
}

export interface DrillCoverage {
  database: string | null;
  rehearsal: string;
  runs: Record<Verdict, number>;
  first: string;
  last: string;
  /** Longer than the frequency allows; also from the start of the period to the first run, and from the last to its end. */
  gaps: { from: string; to: string; ms: number }[];
  /** What no run of it has checked, and why the last one that says so did not. */
  neverChecked: { what: string; why: string }[];
}

export interface CoveredRun {
  line: RunLine;
  /** Null where it cannot be read. */
  evidence: Evidence | null;
}

interface Asked {
  period: Period;
  frequencyMs: number | null;
  now: Date;
  /** That are to be rehearsed. */
  databases: string[];
}

/** Pure. */
export function coverageOf(runs: CoveredRun[], { period, frequencyMs, databases, now }: Asked): CoverageStatement {
  const drills = new Map<string, CoveredRun[]>();
  for (const run of runs) drills.set(drillKey(run.line), [...(drills.get(drillKey(run.line)) ?? []), run]);
  // What is to come yet is no gap.
  const end = new Date(Math.min(period.to.getTime(), now.getTime()));
  const seen = new Set(runs.map(({ line }) => line.database));
  return {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    frequencyMs,
    drills: [...drills.keys()]
      .toSorted()
      .map((key) => coverDrill(drills.get(key) ?? [], { from: period.from, to: end }, frequencyMs)),
    neverRehearsed: databases.filter((database) => !seen.has(database)),
  };
}

function coverDrill(runs: CoveredRun[], period: Period, frequencyMs: number | null): DrillCoverage {
  const { database = null, rehearsal = '' } = runs[0]?.line ?? {};
  const starts = runs.map(({ line }) => startedAt(line)).toSorted((a, b) => a.getTime() - b.getTime());
  const count = (verdict: Verdict) => runs.filter(({ line }) => line.verdict === verdict).length;
  return {
    database,
    rehearsal,
    runs: {
      verified: count('verified'),
      'not-verified': count('not-verified'),
      'could-not-run': count('could-not-run'),
    },
    first: starts[0]?.toISOString() ?? '',
    last: starts.at(-1)?.toISOString() ?? '',
    gaps: frequencyMs === null ? [] : gapsOf([period.from, ...starts, period.to], latestAfterMs(frequencyMs)),
    neverChecked: neverChecked(runs),
  };
}

function gapsOf(moments: Date[], mostMs: number): DrillCoverage['gaps'] {
  return moments.flatMap((to, index) => {
    const from = moments[index - 1];
    const ms = from === undefined ? 0 : to.getTime() - from.getTime();
    return from === undefined || ms <= mostMs ? [] : [{ from: from.toISOString(), to: to.toISOString(), ms }];
  });
}

/** What is checked is said in other words than what is not; only the same words are the same thing. Checks that never ran count, too. */
function neverChecked(runs: CoveredRun[]): DrillCoverage['neverChecked'] {
  const all = runs.flatMap(({ evidence }) => (evidence === null ? [] : [evidence]));
  const checked = new Set(all.flatMap(({ coverage }) => coverage.checked));
  const made = new Set(
    all.flatMap(({ checks }) => checks.filter(({ status }) => /^(passed|failed)$/.test(status))).map(({ id }) => id),
  );
  const reasons = new Map<string, string>();
  for (const { coverage, checks } of all) {
    for (const { what, why } of coverage.notChecked) if (!checked.has(what)) reasons.set(what, why);
    for (const { id, status, reason } of checks) if (!made.has(id)) reasons.set(`the check ${id}`, reason ?? status);
  }
  return [...reasons].map(([what, why]) => ({ what, why }));
}
