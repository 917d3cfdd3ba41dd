import type { StepMeta } from '../../evidence/contribution.ts';
import type { Check, Finding, Step, Verdict } from '../../evidence/schema.ts';
import { decideVerdict } from '../../evidence/verdict.ts';
import { readBackup } from '../../restore/read-backup.ts';
import { ApplicationUnderTest } from '../application-under-test.ts';
import { readLimits } from '../limits.ts';
import { runStep, type StepResult } from '../step.ts';
import { checkStarted } from '../steps/check-application.ts';
import { compareWithBackup } from '../steps/compare.ts';
import { createTarget } from '../steps/create-target.ts';
import { examine, type ExaminedBackup } from '../steps/examine.ts';
import { restoreInto } from '../steps/restore.ts';
import { closeUnderApplication } from '../steps/unmask.ts';
import type { BackupCopy } from './backup-copy.ts';
import type { Fault, Stage } from './fault.ts';

/** What came of rehearsing a copy. */
export interface RehearsedCopy {
  verdict: Verdict;
  /** The stage that did not pass; null where all did. */
  failedAt: Stage | null;
  /** Rules of its errors, and the code of what it threw. */
  rules: string[];
  checks: Check[];
  findings: Finding[];
  error: Step['error'];
}

const silent = () => undefined;

/**
 * Rehearses a copy up to the first stage that does not pass, and does the fault's damage on the way. The stages are the steps of
 * a rehearsal that takes its backup from a directory.
 */
export async function rehearseCopy(copy: BackupCopy, fault?: Fault): Promise<RehearsedCopy> {
  const metas: [Stage, StepMeta][] = [];
  const reach = async <Made>(stage: Stage, body: () => Promise<StepResult<Made>>): Promise<Made> => {
    if (fault?.before === stage) await fault.damage(copy);
    const { meta, made } = await runStep(copy.served.drill, body, null);
    metas.push([stage, meta]);
    if (meta.status !== 'passed') throw new StageFailed();
    return made as Made;
  };
  try {
    const backup = await reach('examine', () => examineCopy(copy));
    await reach('create', () => createTarget(copy.served, copy.site.name));
    const restored = await reach('restore', () => restoreInto(copy.site, backup.opened));
    const { drill } = copy.served;
    await reach('compare', () => compareWithBackup(drill, { restored, backup }, silent));
    if (drill.profile.app === undefined) return summarise(metas);
    const application = await reach('application', async () => {
      const started = copy.application ?? (await ApplicationUnderTest.start(restored.served, restored.asOwner));
      return checkStarted(restored, started, silent);
    });
    await reach('gone', () => closeUnderApplication(drill, { restored, application }, silent));
  } catch (error) {
    if (!(error instanceof StageFailed)) throw error;
  }
  return summarise(metas);
}

class StageFailed extends Error {}

async function examineCopy({ set, served, run }: BackupCopy): Promise<StepResult<ExaminedBackup>> {
  const backup = await readBackup(set, run.directory, readLimits(served.drill));
  // It was taken from the very server that it is restored into.
  return examine(served, backup, null);
}

function summarise(metas: [Stage, StepMeta][]): RehearsedCopy {
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
