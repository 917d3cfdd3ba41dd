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
 * @param rpoMs how old the newest restored data is
 */
export function measureObjectives({ profile, stopwatch }: Drill, phases: Phase[], rpoMs: number): Measured {
  const { rto, rpo } = profile.objectives;
  const durations = phases.map(([name, from, to]) => [name, stopwatch.between(from, to)] as const);
  const rtoMs = stopwatch.between(phases[0]?.[1] ?? 'gone', phases.at(-1)?.[2] ?? 'answering');
  return {
    objectives: {
      rto: { targetMs: rto, measuredMs: rtoMs, met: rtoMs <= rto, phases: Object.fromEntries(durations) },
      rpo: { targetMs: rpo, measuredMs: rpoMs, met: rpoMs <= rpo },
    },
    checks: [objectiveCheck('rto', rtoMs, rto), objectiveCheck('rpo', rpoMs, rpo)],
    findings: [
      ...(rtoMs <= rto ? [] : [missed('RTO', rtoMs, rto)]),
      ...(rpoMs <= rpo ? [] : [missed('RPO', rpoMs, rpo)]),
    ],
  };
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
