import type { Contribution, StepMeta } from '../evidence/contribution.ts';
import { diskFullState, sayFull } from '../postgres/full-disk.ts';
import { OperationalError } from '../system/operational-error.ts';
import { redact } from '../system/redact.ts';
import type { Drill } from './drill.ts';
import type { Run } from './run.ts';

/** Reports to the person at the terminal what a step is waiting for, or something that is to stay on the screen. */
export type Say = (message: string, duration?: 'lasting') => void;

/** What a step adds to the evidence, and what it hands to later ones: there where it passed. */
export interface StepResult<Made = unknown> extends Contribution {
  made?: Made;
}

/**
 * The body of a step: does one thing of the runbook with what earlier steps have made. What it throws is not the backup's
 * fault.
 */
export type StepBody<Needs = unknown, Made = unknown> = (
  drill: Drill,
  needs: Needs,
  say: Say,
) => Promise<StepResult<Made>>;

/** How a step ended. */
export interface FinishedBody<Made> {
  meta: StepMeta;
  made: Made | undefined;
}

/** Runs the body of a step. Never rejects. */
export async function runStep<Needs, Made>(
  drill: Drill,
  body: StepBody<Needs, Made>,
  needs: Needs,
  say: Say = () => undefined,
  signal: AbortSignal = drill.run.signal,
): Promise<FinishedBody<Made>> {
  const { run } = drill;
  const interrupt = () => {
    run.interrupt();
  };
  signal.addEventListener('abort', interrupt, { once: true });
  const startedAt = performance.now();
  try {
    const { made, ...contribution } = await body(drill, needs, say);
    // What a step concluded while everything was being taken away from it says nothing of the backup.
    run.signal.throwIfAborted();
    const status = speaksAgainstBackup(contribution) ? 'failed' : 'passed';
    return { meta: { status, durationMs: performance.now() - startedAt, error: null, contribution }, made };
  } catch (thrown) {
    const error = describeError(thrown, run);
    const meta = { status: 'failed', durationMs: performance.now() - startedAt, error, contribution: {} } as const;
    return { meta, made: undefined };
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

function speaksAgainstBackup({ checks = [], findings = [] }: Contribution): boolean {
  return checks.some(({ status }) => status === 'failed') || findings.some(({ severity }) => severity === 'error');
}

function describeError(error: unknown, { signal, secrets }: Run): NonNullable<StepMeta['error']> {
  if (signal.aborted) return { code: 'INTERRUPTED', message: 'The rehearsal was interrupted.' };
  const message = redact(error instanceof Error ? error.message : String(error), secrets);
  if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === diskFullState)) {
    const { what, remedy } = sayFull(message);
    return { code: 'DISK_FULL', message: `There is no space left: ${what} is full (${message}). ${remedy}` };
  }
  return { code: error instanceof OperationalError ? error.code : 'INTERNAL', message };
}
