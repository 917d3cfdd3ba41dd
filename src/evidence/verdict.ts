import type { Check, Finding, Step, Verdict } from './schema.ts';

/**
 * The verdict of a rehearsal. An error finding or a failed check speaks against the backup. Anything else that did not
 * pass (a step, or a check that was not run) means that we do not know; so does a rehearsal without steps or checks.
 * Pure.
 */
export function decideVerdict(steps: Step[], checks: Check[], findings: Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === 'error')) return 'not-verified';
  if (checks.some(({ status }) => status === 'failed')) return 'not-verified';
  const complete =
    steps.length > 0 &&
    steps.every(({ status }) => status === 'passed') &&
    checks.some(({ status }) => status === 'passed') &&
    checks.every(({ status }) => status !== 'not-run');
  return complete ? 'verified' : 'could-not-run';
}

/** The verdict of a run of several rehearsals: a backup that failed outweighs a rehearsal that could not be run. Pure. */
export function combineVerdicts(verdicts: Verdict[]): Verdict {
  if (verdicts.includes('not-verified')) return 'not-verified';
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'verified') ? 'verified' : 'could-not-run';
}

/** The exit status that stands for a verdict. */
export const exitStatus: Readonly<Record<Verdict, number>> = { verified: 0, 'not-verified': 1, 'could-not-run': 2 };
