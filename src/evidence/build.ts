import type { ControlFramework } from '../config/evidence-profile.ts';
import type { Contribution, StepMeta } from './contribution.ts';
import { undeliveredFinding, type Undelivered } from './delivery/undelivered.ts';
import { controlsOf } from './controls.ts';
import type { About, Check, Evidence, FaultRecord, Finding, Step } from './schema.ts';
import { decideVerdict } from './verdict.ts';

/** One test of a finished rehearsal, as the reporter saw it. `meta` is absent where the test never came to its end. */
export interface FinishedStep {
  name: string;
  /** What Vitest says of the test. */
  state: 'passed' | 'failed' | 'skipped' | 'pending';
  errors: string[];
  plannedChecks: string[];
  meta: StepMeta | undefined;
}

/** What the reporter knows of a rehearsal besides its steps. */
export interface RunFacts {
  id: string;
  rehearsal: string;
  startedAt: Date;
  finishedAt: Date;
  about: Pick<About, 'profile' | 'database' | 'host' | 'label'>;
  trigger: Evidence['trigger'];
  host: Pick<Evidence['environment'], 'harness' | 'node' | 'os'>;
  targets: { rtoMs: number; rpoMs: number };
  /** Frameworks whose clauses it is held against. */
  controls?: readonly ControlFramework[];
  /** The plan that it is a part of, where it is one of several databases. */
  plan?: Evidence['plan'];
  /** Errors outside of any step: an interruption, a suite that cannot be loaded, a worker that died. */
  errors: NonNullable<Step['error']>[];
  /** What could not be removed afterwards. */
  leftBehind: string[];
  /** What earlier runs could not tell anybody. */
  undelivered: Undelivered[];
}

/**
 * Puts the evidence together from what the steps recorded. Vitest has the last word on whether a step passed: what a
 * step says of itself counts only if its test passed, too. Pure.
 */
export function buildEvidence(run: RunFacts, finished: FinishedStep[]): Evidence {
  const contributions = finished.map(({ meta }) => meta?.contribution ?? {});
  const steps = [...finished.map(toStep), ...run.errors.map(strayError)];
  const checks = collectChecks(finished, contributions);
  const found = [
    ...contributions.flatMap(({ findings: own = [] }) => own),
    ...run.leftBehind.map(leftBehindFinding),
    ...run.undelivered.map(undeliveredFinding),
  ];
  const findings = found.map((finding) => ({ ...finding, diff: finding.diff ?? null }));
  const faults = contributions.flatMap(({ faults: own = [] }) => own);
  const evidence: Evidence = {
    schemaVersion: 1,
    id: run.id,
    rehearsal: run.rehearsal,
    about: mergeAbout(run, contributions),
    verdict: decideVerdict(steps, checks, findings),
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt.toISOString(),
    trigger: run.trigger,
    subject: contributions.find(({ subject }) => subject)?.subject ?? null,
    environment: mergeEnvironment(run, contributions),
    steps,
    counts: mergeCounts(contributions),
    rowHashes: contributions.find(({ rowHashes }) => rowHashes)?.rowHashes ?? null,
    checks,
    findings,
    objectives: mergeObjectives(run, contributions),
    coverage: mergeCoverage(contributions),
    selfChallenge: faults.length === 0 ? null : countFaults(faults),
    controls: [],
    plan: run.plan ?? null,
    previous: null,
  };
  return { ...evidence, controls: controlsOf(evidence, run.controls ?? []) };
}

function toStep({ name, state, errors, meta }: FinishedStep): Step {
  const { facts = {} } = meta?.contribution ?? {};
  const durationMs = meta === undefined ? null : Math.round(meta.durationMs);
  if (state === 'passed' && meta?.status === 'passed')
    return { name, status: 'passed', durationMs, facts, error: null };
  if (state === 'skipped') return { name, status: 'skipped', durationMs: null, facts, error: null };
  if (meta === undefined && errors.length === 0) return { name, status: 'not-run', durationMs, facts, error: null };
  const message = errors.length === 0 ? 'The step did not record how it ended.' : errors.join('\n');
  return { name, status: 'failed', durationMs, facts, error: meta?.error ?? { code: 'INTERNAL', message } };
}

function strayError(error: NonNullable<Step['error']>): Step {
  return { name: 'Run the rehearsal', status: 'failed', durationMs: null, facts: {}, error };
}

/** Every check that a step announced is there: one that the step did not come to is `not-run`. */
function collectChecks(finished: FinishedStep[], contributions: Contribution[]): Check[] {
  return finished.flatMap(({ name, plannedChecks, state }, index) => {
    const made = contributions[index]?.checks ?? [];
    const missing = plannedChecks.filter((id) => !made.some((check) => check.id === id));
    const reason = `the step "${name}" ${state === 'skipped' ? 'was not reached' : 'did not come to it'}`;
    return [...made, ...missing.map((id): Check => ({ id, status: 'not-run', reason, expected: null, actual: null }))];
  });
}

function mergeCounts(contributions: Contribution[]): Evidence['counts'] {
  const counts = contributions.flatMap(({ counts: own = {} }) => Object.entries(own));
  return Object.fromEntries(counts.map(([name, count]) => [name, { ...count, note: count.note ?? null }]));
}

function leftBehindFinding(what: string): Finding {
  return {
    rule: 'LEFT_BEHIND',
    severity: 'warning',
    object: 'this machine',
    message: `Something of the rehearsal could not be removed: ${what}`,
    remedy: 'Remove it by hand; its name starts with restore-rehearsal.',
  };
}

function mergeAbout({ about }: RunFacts, contributions: Contribution[]): About {
  const { profile, database, host, label } = about;
  const unknown: About = { profile, database, server: null, data: null, host, label };
  return contributions.reduce<About>((merged, { about: own }) => ({ ...merged, ...own }), unknown);
}

function mergeEnvironment({ host }: RunFacts, contributions: Contribution[]): Evidence['environment'] {
  const unknown: Evidence['environment'] = {
    ...host,
    engine: null,
    engineReason: null,
    image: null,
    imageDigest: null,
    serverVersion: null,
    tools: {},
    settings: {},
    settingsFrom: 'throwaway',
    unlikeProduction: [],
    isolation: { server: null, application: null },
  };
  const merged = contributions.reduce<Evidence['environment']>(
    (before, { environment }) => ({ ...before, ...environment }),
    unknown,
  );
  // Each step says what it does unlike production.
  return {
    ...merged,
    unlikeProduction: contributions.flatMap(({ environment }) => environment?.unlikeProduction ?? []),
  };
}

function mergeObjectives({ targets }: RunFacts, contributions: Contribution[]): Evidence['objectives'] {
  const unmeasured: Evidence['objectives'] = {
    rto: { targetMs: targets.rtoMs, measuredMs: null, met: null, phases: {} },
    rpo: { targetMs: targets.rpoMs, measuredMs: null, met: null, notApplicable: null },
  };
  return contributions.reduce<Evidence['objectives']>(
    (merged, { objectives }) => ({ ...merged, ...objectives }),
    unmeasured,
  );
}

/** How many faults were tried, caught, missed and not tried. Pure. */
export function countFaults(faults: FaultRecord[]): NonNullable<Evidence['selfChallenge']> {
  const count = (wanted: FaultRecord['outcome']) => faults.filter(({ outcome }) => outcome === wanted).length;
  const [caught, missed] = [count('caught'), count('missed')];
  return { tried: caught + missed, caught, missed, notTried: count('not-tried'), faults };
}

function mergeCoverage(contributions: Contribution[]): Evidence['coverage'] {
  const parts = contributions.map(({ coverage }) => coverage).filter((part) => part !== undefined);
  return {
    checked: parts.flatMap(({ checked }) => checked),
    notChecked: parts.flatMap(({ notChecked }) => notChecked),
  };
}
