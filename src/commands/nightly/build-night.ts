import type { Contribution } from '../../evidence/contribution.ts';
import type { FinishedStep } from '../../evidence/build.ts';
import type { Check, Facts } from '../../evidence/schema.ts';
import { stages } from './stages.ts';
import type { StageResult } from './stage.ts';

/** The stages of a night as the steps of evidence: a line for each that has a place in it, and a check for every one. Pure. */
export function buildNight(results: readonly StageResult[]): FinishedStep[] {
  const steps = results.filter(({ status }) => status !== 'not-configured').map(toStep);
  const [first, ...rest] = steps;
  if (first === undefined) return [];
  // Every check stands in one place, in the order of the stages, whether or not there is a step for it.
  return [withContribution(first, { checks: results.map(toCheck), coverage: coverageOf(results) }), ...rest];
}

function toStep(result: StageResult): FinishedStep {
  const { title } = stages[result.stage];
  const common = { name: title, errors: [], plannedChecks: [] };
  if (result.status !== 'done') return { ...common, state: 'skipped', meta: undefined };
  const { verdict, problem, facts, subject, durationMs } = result;
  const isGood = verdict === 'verified';
  const contribution = { facts, ...(subject && { subject }) };
  const meta = { status: isGood ? ('passed' as const) : ('failed' as const), durationMs, error: problem, contribution };
  return { ...common, state: isGood ? 'passed' : 'failed', meta };
}

function withContribution(step: FinishedStep, more: Contribution): FinishedStep {
  const { status = 'failed', durationMs = 0, error = null, contribution = {} } = step.meta ?? {};
  return { ...step, meta: { status, durationMs, error, contribution: { ...contribution, ...more } } };
}

function toCheck(result: StageResult): Check {
  const { check: id } = stages[result.stage];
  const nothing = { expected: null, actual: null };
  if (result.status === 'not-configured')
    return { id, status: 'not-applicable', reason: `not configured: ${result.reason}`, ...nothing };
  if (result.status === 'left-out') return { id, status: 'not-run', reason: result.reason, ...nothing };
  const { verdict, problem, facts } = result;
  if (verdict === 'verified') return { id, status: 'passed', reason: null, expected: null, actual: say(facts) };
  const reason = problem?.message ?? verdict;
  return { id, status: verdict === 'not-verified' ? 'failed' : 'not-run', reason, ...nothing };
}

function coverageOf(results: readonly StageResult[]): NonNullable<Contribution['coverage']> {
  const notConfigured = results.flatMap((result) => (result.status === 'not-configured' ? [result] : []));
  return {
    checked: results.filter(({ status }) => status === 'done').map(({ stage }) => stages[stage].title),
    notChecked: notConfigured.map(({ stage, reason }) => ({
      what: stages[stage].title,
      why: `not configured: ${reason}`,
    })),
  };
}

function say(facts: Facts): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');
}
