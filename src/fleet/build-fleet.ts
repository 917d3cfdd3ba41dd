import type { FinishedStep } from '../evidence/build.ts';
import type { Contribution } from '../evidence/contribution.ts';
import { factsOfRehearsals } from '../evidence/night.ts';
import type { Check, Evidence } from '../evidence/schema.ts';
import type { Concluded } from './conclude.ts';
import type { Plan } from './plan.ts';

/** All databases of a plan as the steps of evidence: a step and a check for each, and what was checked of how many. Pure. */
export function buildFleet(all: readonly Concluded[], leftOut: Plan['leftOut']): FinishedStep[] {
  const [first, ...rest] = all.map(toStep);
  if (first?.meta === undefined) return [];
  const contribution = { ...first.meta.contribution, checks: all.map(toCheck), coverage: coverageOf(all, leftOut) };
  return [{ ...first, meta: { ...first.meta, contribution } }, ...rest];
}

function toStep({ planned, verdict, runs, missing, reason }: Concluded): FinishedStep {
  const isGood = verdict === 'verified';
  const facts = factsOfRehearsals(
    runs.map(({ evidence: { rehearsal, verdict: own }, directory }) => ({ rehearsal, verdict: own, directory })),
  );
  const times = runs.map(({ evidence }) => Date.parse(evidence.finishedAt) - Date.parse(evidence.startedAt));
  const durationMs = times.reduce((sum, ms) => sum + Math.max(0, ms), 0);
  const code = verdict === 'not-verified' ? 'NOT_VERIFIED' : 'NOT_REHEARSED';
  const error = isGood ? null : { code, message: reason ?? missing.join(', ') };
  const status = isGood ? ('passed' as const) : ('failed' as const);
  const meta = { status, durationMs, error, contribution: { facts } };
  return { name: planned.name, state: status, errors: [], plannedChecks: [], meta };
}

function toCheck({ planned, verdict, runs, reason }: Concluded): Check {
  const id = `database ${planned.name}`;
  const expected = planned.rehearsals.map((name) => `${name}: verified`).join(', ');
  const actual = runs.map(({ evidence }) => `${evidence.rehearsal}: ${evidence.verdict}`).join(', ');
  const status = verdict === 'verified' ? 'passed' : verdict === 'not-verified' ? 'failed' : 'not-run';
  return { id, status, reason, expected, actual: actual === '' ? null : actual };
}

/** What was checked of each, said once with the number of databases that it was checked of. */
function coverageOf(all: readonly Concluded[], leftOut: Plan['leftOut']): NonNullable<Contribution['coverage']> {
  const runs = all.flatMap((one) => one.runs.map(({ evidence }) => ({ name: one.planned.name, evidence })));
  const total = all.length;
  const of = (names: Set<string>) => `${names.size} of ${total} databases`;
  const checked = group(runs, ({ coverage }) => coverage.checked.map((what) => [what] as const));
  const notChecked = group(runs, ({ coverage }) => coverage.notChecked.map(({ what, why }) => [what, why] as const));
  return {
    checked: [...checked.values()].map(({ key: [what], names }) => `${what ?? ''} (${of(names)})`),
    notChecked: [
      ...all.flatMap(({ planned, missing, reason }) =>
        missing.length === 0 ? [] : [{ what: planned.name, why: reason ?? 'no evidence' }],
      ),
      ...leftOut.map(({ name, why }) => ({ what: name, why })),
      ...[...notChecked.values()].map(({ key: [what = '', why = ''], names }) => ({
        what,
        why: `${why} (${of(names)})`,
      })),
    ],
  };
}

interface Grouped {
  key: readonly string[];
  names: Set<string>;
}

function group(
  runs: readonly { name: string; evidence: Evidence }[],
  keysOf: (evidence: Evidence) => (readonly string[])[],
): Map<string, Grouped> {
  const groups = new Map<string, Grouped>();
  for (const { name, evidence } of runs) {
    for (const key of keysOf(evidence)) {
      const known = groups.get(JSON.stringify(key)) ?? { key, names: new Set() };
      known.names.add(name);
      groups.set(JSON.stringify(key), known);
    }
  }
  return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
