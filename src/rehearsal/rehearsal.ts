import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, inject, test, type TaskMeta } from 'vitest';
import { applySettings, type Settings } from '../config/settings.ts';
import { openProfile } from './open-profile.ts';
import type { StepMeta, StepPlan } from '../evidence/contribution.ts';
import { Drill } from './drill.ts';
import { whenHarnessIsLost } from './runner/harness-lost.ts';
import { Run } from './run.ts';
import { runStep, type FinishedBody, type Say, type StepBody } from './step.ts';

declare module 'vitest' {
  interface ProvidedContext {
    settings: Settings;
  }
}

/** What a step makes, for later steps to ask for. */
export interface Handle<Made> {
  readonly value: Made;
}

type Handles<Needs> = { readonly [Name in keyof Needs]: Handle<Needs[Name]> };

/** Adds a step. What it needs are the handles of earlier steps, and so a step before its time does not compile. */
export type DefineStep = <Made, Needs = unknown>(
  name: string,
  body: StepBody<Needs, Made>,
  ...rest: unknown extends Needs ? [needs?: object, plan?: StepPlan] : [needs: Handles<Needs>, plan?: StepPlan]
) => Handle<Made>;

/**
 * Makes the file that calls it a rehearsal. Its steps are Vitest tests: they run in order, a step that does not pass skips the
 * rest, and whatever they started is removed at the end.
 */
export function rehearsal(define: (step: DefineStep) => void): void {
  const state: RehearsalState = { run: null, drill: null, creation: null, running: null, fileMeta: null, failed: null };
  const releaseSignals = surviveSignals(state);
  const stopWaiting = whenHarnessIsLost(() => void removeAndEnd(state));

  beforeAll(async () => {
    state.creation = createDrill(state);
    state.drill = await state.creation;
  });

  afterAll(async () => {
    // A cancelled run comes here while the body of a step is still at work, maybe starting what has to be removed.
    if (state.running !== null) state.run?.interrupt();
    await state.running;
    const left = (await state.run?.dispose()) ?? [];
    if (left.length > 0 && state.fileMeta !== null) state.fileMeta.leftBehind = left;
    releaseSignals();
    stopWaiting();
  });

  const defineStep: DefineStep = <Made, Needs>(name: string, body: StepBody<Needs, Made>, ...rest: unknown[]) => {
    const [needs = {}, plan = { checks: [] }] = rest as [needs?: Record<string, Handle<unknown>>, plan?: StepPlan];
    const handle = new MadeByStep<Made>(name);
    test(name, { meta: { plan } }, async ({ task, annotate, skip, signal }) => {
      state.fileMeta = task.file.meta;
      if (state.failed !== null) skip(`because "${state.failed}" did not pass`);
      const say: Say = (message, duration) => void annotate(message, duration);
      if (state.drill === null) throw new Error('The rehearsal was not set up.');
      // What throws from here on keeps later steps from running, too.
      state.failed = name;
      const values = Object.fromEntries(Object.entries(needs).map(([key, { value }]) => [key, value]));
      const running = runStep(state.drill, body, values as Needs, say, signal);
      state.running = running;
      const { meta, made } = await running;
      state.running = null;
      task.meta.step = meta;
      if (meta.status !== 'passed') throw plainError(meta);
      state.failed = null;
      handle.fill(made);
    });
    return handle;
  };
  define(defineStep);
}

/** A value that is there once its step has passed. */
class MadeByStep<Made> implements Handle<Made> {
  readonly #step: string;
  #made: Made | undefined;

  constructor(step: string) {
    this.#step = step;
  }

  fill(made: Made | undefined): void {
    this.#made = made;
  }

  get value(): Made {
    if (this.#made === undefined) throw new Error(`The step "${this.#step}" has made nothing.`);
    return this.#made;
  }
}

async function createDrill(state: RehearsalState): Promise<Drill> {
  const settings = inject('settings');
  const {
    keep,
    backup,
    newestIn,
    fromOffsite,
    source,
    image,
    secondOracle,
    globals = null,
    disk = null,
    faithful = false,
  } = settings;
  const loaded = await openProfile(settings);
  state.run = await Run.create({ keep });
  const choices = { backup, newestIn, fromOffsite, source, image, secondOracle, globals, disk, faithful };
  return new Drill(state.run, { ...loaded, profile: applySettings(loaded.profile, settings) }, choices);
}

interface RehearsalState {
  run: Run | null;
  drill: Drill | null;
  creation: Promise<Drill> | null;
  /** The step at work. Never rejects. */
  running: Promise<FinishedBody<unknown>> | null;
  /** The `meta` of the suite's file, which Vitest hands on to reporters like that of a test. */
  fileMeta: TaskMeta | null;
  /** The step that did not pass. */
  failed: string | null;
}

/**
 * A Ctrl-C in a terminal, or the end of a CI job, reaches every process there is. While there is something to remove,
 * this one stays alive for that.
 * @returns what gives the signals back their usual meaning
 */
function surviveSignals(state: RehearsalState): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const interrupt = () => {
    state.run?.interrupt();
  };
  for (const signal of signals) process.on(signal, interrupt);
  return () => {
    for (const signal of signals) process.off(signal, interrupt);
  };
}

const lastStepTimeoutMs = 30_000;

/** The harness was killed: nobody will see what comes of this rehearsal. What it started goes, and it goes, too. */
async function removeAndEnd(state: RehearsalState): Promise<void> {
  try {
    await state.creation;
    state.run?.interrupt();
    await Promise.race([state.running, delay(lastStepTimeoutMs)]);
    await state.run?.dispose();
  } finally {
    // Vitest would wait for answers that never come.
    process.kill(process.pid, 'SIGKILL');
  }
}

/** What Vitest shows of a failed step. Errors made for people carry no stack: it would show our code, not their problem. */
function plainError({ error, contribution: { findings = [], checks = [] } }: StepMeta): Error {
  const found = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, message, diff }) => [`${rule}: ${message}`, diff ?? []].flat().join('\n'));
  const failed = checks.filter(({ status }) => status === 'failed').map(({ id, actual }) => `${id}: ${actual ?? ''}`);
  const message = error?.message ?? (found.length > 0 ? found : failed).join('\n');
  const plain = new Error(message);
  if (error?.code !== 'INTERNAL') plain.stack = message;
  return plain;
}
