import { performance } from 'node:perf_hooks';
import { unlink } from 'node:fs/promises';
import type { RestoredDatabase } from '../../src/rehearsal/restore-site.ts';
import type { ServedDatabase } from '../../src/rehearsal/served-database.ts';
import { captureWhileDumping } from '../../src/rehearsal/steps/capture-reference.ts';
import { checkStructure } from '../../src/rehearsal/steps/check-structure.ts';
import { compareWithReference } from '../../src/rehearsal/steps/compare.ts';
import { takeDump } from '../../src/rehearsal/steps/dump.ts';
import { dropAndRecreate } from '../../src/rehearsal/steps/recreate.ts';
import { restoreDump } from '../../src/rehearsal/steps/restore.ts';
import { makeWith } from '../../src/suite/step-of-suite.ts';

/** Seconds that each step of a rehearsal took. */
export type StepTimes = Record<'reference' | 'dump' | 'recreate' | 'restore' | 'compare', number>;

/** The steps of `clean-state` from reference to comparison, on a server that is there. @throws Error with what a step found */
export async function runOurSteps(served: ServedDatabase): Promise<{ times: StepTimes; restored: RestoredDatabase }> {
  const { drill } = served;
  const times: StepTimes = { reference: 0, dump: 0, recreate: 0, restore: 0, compare: 0 };
  const clock = async <Made>(step: keyof StepTimes, body: () => Promise<Made>): Promise<Made> => {
    const { made, seconds } = await timed(body);
    times[step] = seconds;
    return made;
  };
  const reference = await clock('reference', () => makeWith(drill, captureWhileDumping, { served }));
  const dump = await clock('dump', () => makeWith(drill, takeDump, { served, reference }));
  const needs = { served, reference, dump, application: null };
  const site = await clock('recreate', () => makeWith(drill, dropAndRecreate, needs));
  const restored = await clock('restore', () => makeWith(drill, restoreDump, { site, dump }));
  await clock('compare', () => makeWith(drill, compareWithReference, { restored, reference, dump }));
  await unlink(dump.file);
  return { times, restored };
}

/** Seconds that pg_amcheck takes on what was restored. */
export async function checkIndexes(restored: RestoredDatabase): Promise<number> {
  return (await timed(() => makeWith(restored.served.drill, checkStructure, { restored }))).seconds;
}

async function timed<Made>(body: () => Promise<Made>): Promise<{ made: Made; seconds: number }> {
  const startedAt = performance.now();
  const made = await body();
  return { made, seconds: (performance.now() - startedAt) / 1000 };
}
