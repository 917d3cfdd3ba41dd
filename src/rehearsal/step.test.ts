import { expect, test } from 'vitest';
import { profileSchema } from '../config/profile.ts';
import { Drill } from './drill.ts';
import { Run } from './run.ts';
import type { DefineStep } from './rehearsal.ts';
import { runStep, type StepBody } from './step.ts';
import { captureReference } from './steps/capture-reference.ts';
import { compareWithReference } from './steps/compare.ts';
import { takeDump } from './steps/dump.ts';
import { dropAndRecreate } from './steps/recreate.ts';
import { seedBaseline } from './steps/seed.ts';
import { startSeedServer } from './steps/server/start-for-seed.ts';

const finding = {
  rule: 'RESTORE_FAILED',
  severity: 'error',
  object: 'archive',
  message: 'failed',
  remedy: 'none',
} as const;

async function run(body: StepBody) {
  const profile = profileSchema.parse({ name: 'test', database: { name: 'a', owner: 'a' } });
  await using own = await Run.create();
  const { meta } = await runStep(new Drill(own, { profile, directory: '/' }), body, null);
  return meta;
}

test('a step that finds something fails', async () => {
  const meta = await run(() => Promise.resolve({ findings: [finding] }));
  expect(meta).toMatchObject({ status: 'failed', error: null, contribution: { findings: [finding] } });
});

test('what a step concludes while it is interrupted says nothing of the backup', async () => {
  const meta = await run((drill) => {
    drill.run.interrupt();
    return Promise.resolve({ findings: [finding] });
  });
  expect(meta).toMatchObject({ status: 'failed', error: { code: 'INTERRUPTED' }, contribution: {} });
});

test.each([
  ['ENOSPC', 'ENOSPC: no space left on device, copyfile'],
  ['53100', 'could not write to file "base/16387/2691": No space left on device'],
])('a disk that is full is named as that, whoever meets it: %s', async (code, message) => {
  const full = Object.assign(new Error(message), { code });
  const meta = await run(() => Promise.reject(full));
  expect(meta.error?.code).toBe('DISK_FULL');
});

test('a step before its time, or without what it needs, does not compile', () => {
  // The compiler is asked: none of these is ever defined.
  const define = (step: DefineStep) => {
    // @ts-expect-error there is no server yet
    step('Seed the baseline data', seedBaseline, { served });
    const served = step('Start a disposable PostgreSQL', startSeedServer);
    // @ts-expect-error it needs a server
    step('Seed the baseline data', seedBaseline);
    const reference = step('Capture the reference snapshot', captureReference, { served });
    const dump = step('Dump the database', takeDump, { served, reference });
    const needs = { served, reference, dump, application: { value: null } };
    const site = step('Drop and recreate the database', dropAndRecreate, needs);
    // @ts-expect-error nothing has been restored yet
    step('Compare with the reference', compareWithReference, { restored: site, reference, dump });
  };
  expect(define).toBeTypeOf('function');
});
