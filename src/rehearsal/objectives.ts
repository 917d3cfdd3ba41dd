import prettyMilliseconds from 'pretty-ms';
import type { Contribution } from '../evidence/contribution.ts';
import type { Check, Finding } from '../evidence/schema.ts';
import type { Drill } from './drill.ts';
import type { Milestone } from './stopwatch.ts';

/** A part of the time that counts for the RTO: its name, and the marks that it lies between. */
export type Phase = [name: string, from: Milestone, to: Milestone];

type Measured = Required<Pick<Contribution, 'objectives' | 'checks' | 'findings'>>;

/**
 * Holds what was measured against the profile's objectives. The phases follow each other; together they are the RTO.
 * @param age how old the newest restored data is, or why that says nothing
 */
export function measureObjectives({ profile, stopwatch }: Drill, phases: Phase[], age: Age): Measured {
  const { rto, rpo } = profile.objectives;
  const durations = phases.map(([name, from, to]) => [name, stopwatch.between(from, to)] as const);
  const rtoMs = stopwatch.between(phases[0]?.[1] ?? 'gone', phases.at(-1)?.[2] ?? 'answering');
  return {
    objectives: {
      rto: { targetMs: rto, measuredMs: rtoMs, met: rtoMs <= rto, phases: Object.fromEntries(durations) },
      rpo: { targetMs: rpo, ...(isKnown(age) ? measured(age, rpo) : unmeasured(age)) },
    },
    checks: [
      objectiveCheck('rto', rtoMs, rto),
      isKnown(age) ? objectiveCheck('rpo', age, rpo) : notApplicable('rpo', age.notApplicable),
    ],
    findings: [
      ...(rtoMs <= rto ? [] : [missed('RTO', rtoMs, rto)]),
      ...(!isKnown(age) || age <= rpo ? [] : [missed('RPO', age, rpo)]),
    ],
  };
}

/** In milliseconds; or why nothing is as old as that. */
export type Age = number | { notApplicable: string };

const isKnown = (age: Age): age is number => typeof age === 'number';
const measured = (age: number, target: number) => ({ measuredMs: age, met: age <= target, notApplicable: null });
const unmeasured = ({ notApplicable: reason }: { notApplicable: string }) => ({
  measuredMs: null,
  met: null,
  notApplicable: reason,
});

function notApplicable(id: string, reason: string): Check {
  return { id, status: 'not-applicable', reason, expected: null, actual: null };
}

/** Whether something took, or is, at most as long as it may. */
export function objectiveCheck(id: string, measuredMs: number, targetMs: number): Check {
  return {
    id,
    status: measuredMs <= targetMs ? 'passed' : 'failed',
    reason: null,
    expected: `at most ${prettyMilliseconds(targetMs)}`,
    actual: prettyMilliseconds(measuredMs),
  };
}

function missed(objective: 'RTO' | 'RPO', measuredMs: number, targetMs: number): Finding {
  return {
    rule: `${objective}_EXCEEDED`,
    severity: 'error',
    object: objective,
    message: `The ${objective} is ${prettyMilliseconds(targetMs)}, but ${prettyMilliseconds(measuredMs)} were measured.`,
    remedy:
      objective === 'RTO'
        ? 'See in objectives.rto.phases where the time went, or agree on another objective.'
        : 'Back up more often, or agree on another objective.',
  };
}
