import type { StepMeta } from '../../evidence/contribution.ts';
import type { Check, Finding, Step, Verdict } from '../../evidence/schema.ts';
import { decideVerdict } from '../../evidence/verdict.ts';
import type { Drill } from '../drill.ts';
import { runStep, type StepBody } from '../step.ts';
import { checkOnRestored } from '../steps/check-application.ts';
import { compare } from '../steps/compare.ts';
import { createTarget } from '../steps/create-target.ts';
import { examineBackup } from '../steps/examine.ts';
import { restore } from '../steps/restore.ts';
import { closeUnderApplication } from '../steps/unmask.ts';
import { stages, type Fault, type Stage } from './fault.ts';

/** What came of rehearsing a copy. */
export interface Outcome {
  verdict: Verdict;
  /** The stage that did not pass; null where all did. */
  failedAt: Stage | null;
  /** Rules of its errors, and the code of what it threw. */
  rules: string[];
  checks: Check[];
  findings: Finding[];
  error: Step['error'];
}

/** The same steps as those of a rehearsal that takes its backup from a directory. */
const bodies: Record<Stage, StepBody> = {
  examine: examineBackup,
  create: createTarget,
  restore,
  compare,
  application: checkOnRestored,
  gone: closeUnderApplication,
};

/** Rehearses a copy up to the first stage that does not pass, and does the fault's damage on the way. */
export async function rehearseCopy(copy: Drill, fault?: Fault): Promise<Outcome> {
  const metas: [Stage, StepMeta][] = [];
  for (const stage of stages) {
    if (copy.profile.app === undefined && (stage === 'application' || stage === 'gone')) continue;
    if (fault?.before === stage) await fault.damage(copy);
    const meta = await runStep(copy, bodies[stage], () => undefined, copy.signal);
    metas.push([stage, meta]);
    if (meta.status !== 'passed') break;
  }
  return summarise(metas);
}

function summarise(metas: [Stage, StepMeta][]): Outcome {
  const checks = metas.flatMap(([, { contribution }]) => contribution.checks ?? []);
  const findings = metas.flatMap(([, { contribution }]) => contribution.findings ?? []);
  const steps = metas.map(([name, { status, error }]): Step => ({ name, status, error, durationMs: null, facts: {} }));
  const error = steps.at(-1)?.error ?? null;
  return {
    verdict: decideVerdict(steps, checks, findings),
    failedAt: metas.find(([, { status }]) => status !== 'passed')?.[0] ?? null,
    rules: [
      ...findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule),
      ...(error === null ? [] : [error.code]),
    ],
    checks,
    findings,
    error,
  };
}
