import type { StepMeta } from '../../evidence/contribution.ts';
import type { Check, Finding, Step } from '../../evidence/schema.ts';
import type { ErrorCode } from '../../rehearsal-error.ts';
import type { Drill } from '../drill.ts';
import { runStep, type StepBody } from '../step.ts';
import { checkOnRestored } from '../steps/check-application.ts';
import { compare } from '../steps/compare.ts';
import { createTarget } from '../steps/create-target.ts';
import { examineBackup } from '../steps/examine.ts';
import { restore } from '../steps/restore.ts';
import { dropUnderApplication } from '../steps/unmask.ts';
import { stages, type Fault, type Stage } from './fault.ts';

/** What came of rehearsing a copy. */
export interface Outcome {
  /** The stage that did not pass; null where all did. */
  failedAt: Stage | null;
  /** Rules of its errors, and the code of what it threw. */
  rules: string[];
  steps: Step[];
  checks: Check[];
  findings: Finding[];
  errors: { code: ErrorCode; message: string }[];
}

/** The same steps as those of a rehearsal that takes its backup from a directory. */
const bodies: Record<Stage, StepBody> = {
  examine: examineBackup,
  create: createTarget,
  restore,
  compare,
  application: checkOnRestored,
  gone: dropUnderApplication,
};

/** Rehearses a copy up to the first stage that does not pass, does the fault's damage on the way, and disposes of the copy. */
export async function rehearseCopy(copy: Drill, fault?: Fault): Promise<Outcome> {
  await using used = copy;
  const metas: [Stage, StepMeta][] = [];
  for (const stage of stages) {
    if (used.profile.app === undefined && (stage === 'application' || stage === 'gone')) continue;
    if (fault?.before === stage) await fault.damage(used);
    const meta = await runStep(used, bodies[stage], () => undefined, used.signal);
    metas.push([stage, meta]);
    if (meta.status !== 'passed') break;
  }
  return summarise(metas);
}

function summarise(metas: [Stage, StepMeta][]): Outcome {
  const findings = metas.flatMap(([, { contribution }]) => contribution.findings ?? []);
  const errors = metas.flatMap(([, { error }]) => (error === null ? [] : [error]));
  return {
    failedAt: metas.find(([, { status }]) => status !== 'passed')?.[0] ?? null,
    rules: [
      ...findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule),
      ...errors.map(({ code }) => code),
    ],
    steps: metas.map(([name, { status, durationMs, error }]) => ({
      name,
      status,
      durationMs: Math.round(durationMs),
      facts: {},
      error,
    })),
    checks: metas.flatMap(([, { contribution }]) => contribution.checks ?? []),
    findings,
    errors: errors as Outcome['errors'],
  };
}
