import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, inject, test, type TaskMeta } from 'vitest';
import { applySettings, type Settings } from '../config/settings.ts';
import { loadProfile } from '../config/load-profile.ts';
import type { Contribution, StepMeta } from '../evidence/contribution.ts';
import { redact } from '../system/redact.ts';
import { OperationalError } from '../system/operational-error.ts';
import { Drill } from './drill.ts';
import { whenHarnessIsLost } from './harness-lost.ts';

declare module 'vitest' {
  interface ProvidedContext {
    settings: Settings;
  }
}

/** Tells the person at the terminal what a step is waiting for, or something that is to stay on the screen. */
export type Say = (message: string, duration?: 'lasting') => void;

/** The body of a step: does one thing of the runbook and says what came of it. What it throws is not the backup's fault. */
export type StepBody = (drill: Drill, say: Say) => Promise<Contribution>;

export type DefineStep = (name: string, body: StepBody, plan?: { checks: string[] }) => void;

/**
 * Makes the file that calls it a rehearsal. Its steps are Vitest tests that share one drill: they run in order, a step
 * that does not pass skips the rest, and whatever they started is removed at the end.
 */
export function rehearsal(define: (step: DefineStep) => void): void {
  const state: RehearsalState = { drill: null, creation: null, running: null, fileMeta: null, failedStep: null };
  const releaseSignals = surviveSignals(state);
  const stopWaiting = whenHarnessIsLost(() => void removeAndEnd(state));

  beforeAll(async () => {
    state.creation = createDrill();
    state.drill = await state.creation;
  });

  afterAll(async () => {
    // A cancelled run comes here while the body of a step is still at work, maybe starting what has to be removed.
    if (state.running !== null) state.drill?.interrupt();
    await state.running;
    const left = (await state.drill?.dispose()) ?? [];
    if (left.length > 0 && state.fileMeta !== null) state.fileMeta.leftBehind = left;
    releaseSignals();
    stopWaiting();
  });

  define((name, body, plan = { checks: [] }) => {
    test(name, { meta: { plan } }, async ({ task, annotate, skip, signal }) => {
      state.fileMeta = task.file.meta;
      if (state.failedStep !== null) skip(`because "${state.failedStep}" did not pass`);
      const say: Say = (message, duration) => void annotate(message, duration);
      if (state.drill === null) throw new Error('The rehearsal was not set up.');
      state.running = runStep(state.drill, body, say, signal);
      const meta = await state.running;
      state.running = null;
      task.meta.step = meta;
      if (meta.status === 'passed') return;
      state.failedStep = name;
      throw plainError(meta);
    });
  });
}

async function createDrill(): Promise<Drill> {
  const settings = inject('settings');
  const { keep, backup, fromOffsite, source, image } = settings;
  const loaded = await loadProfile(settings.config);
  return Drill.create(
    { ...loaded, profile: applySettings(loaded.profile, settings) },
    { keep, backup, fromOffsite, source, image },
  );
}

interface RehearsalState {
  drill: Drill | null;
  creation: Promise<Drill> | null;
  /** The step at work. Never rejects. */
  running: Promise<StepMeta> | null;
  /** The `meta` of the suite's file, which Vitest hands on to reporters like that of a test. */
  fileMeta: TaskMeta | null;
  failedStep: string | null;
}

/**
 * A Ctrl-C in a terminal, or the end of a CI job, reaches every process there is. While there is something to remove,
 * this one stays alive for that.
 * @returns what gives the signals back their usual meaning
 */
function surviveSignals(state: RehearsalState): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const interrupt = () => {
    state.drill?.interrupt();
  };
  for (const signal of signals) process.on(signal, interrupt);
  return () => {
    for (const signal of signals) process.off(signal, interrupt);
  };
}

const lastStepTimeoutMs = 30_000;

/** The harness was killed: nobody will see what comes of this rehearsal. What it started goes, and it goes, too. */
async function removeAndEnd({ creation, running }: RehearsalState): Promise<void> {
  try {
    const drill = await creation;
    drill?.interrupt();
    await Promise.race([running, delay(lastStepTimeoutMs)]);
    await drill?.dispose();
  } finally {
    // Vitest would wait for answers that never come.
    process.kill(process.pid, 'SIGKILL');
  }
}

/** Runs the body of a step, and says how it ended. Never rejects. */
export async function runStep(drill: Drill, body: StepBody, say: Say, signal: AbortSignal): Promise<StepMeta> {
  const interrupt = () => {
    drill.interrupt();
  };
  signal.addEventListener('abort', interrupt, { once: true });
  const startedAt = performance.now();
  try {
    const contribution = await body(drill, say);
    // What a step concluded while everything was being taken away from it says nothing of the backup.
    drill.signal.throwIfAborted();
    return {
      status: speaksAgainstBackup(contribution) ? 'failed' : 'passed',
      durationMs: performance.now() - startedAt,
      error: null,
      contribution,
    };
  } catch (error) {
    return {
      status: 'failed',
      durationMs: performance.now() - startedAt,
      error: describeError(error, drill),
      contribution: {},
    };
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

function speaksAgainstBackup({ checks = [], findings = [] }: Contribution): boolean {
  return checks.some(({ status }) => status === 'failed') || findings.some(({ severity }) => severity === 'error');
}

function describeError(error: unknown, drill: Drill): NonNullable<StepMeta['error']> {
  if (drill.signal.aborted) return { code: 'INTERRUPTED', message: 'The rehearsal was interrupted.' };
  const message = redact(error instanceof Error ? error.message : String(error), drill.secrets);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return {
      code: 'DISK_FULL',
      message: `A disk is full (${message}). Free some space, or set TMPDIR to another disk.`,
    };
  }
  return { code: error instanceof OperationalError ? error.code : 'INTERNAL', message };
}

/** What Vitest shows of a failed step. Errors made for people carry no stack: it would show our code, not their problem. */
function plainError({ error, contribution }: StepMeta): Error {
  const findings = (contribution.findings ?? []).filter(({ severity }) => severity === 'error');
  const message =
    error?.message ??
    findings.map(({ rule, message: text, diff }) => [`${rule}: ${text}`, diff ?? []].flat().join('\n')).join('\n');
  const plain = new Error(message);
  if (error?.code !== 'INTERNAL') plain.stack = message;
  return plain;
}
