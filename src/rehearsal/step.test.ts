import { expect, test } from 'vitest';
import { profileSchema } from '../config/profile.ts';
import { Drill } from './drill.ts';
import { Run } from './run.ts';
import { runStep, type StepBody } from './step.ts';

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

test('a disk that is full is named as that, whoever meets it', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, copyfile'), { code: 'ENOSPC' });
  const meta = await run(() => Promise.reject(full));
  expect(meta.error?.code).toBe('DISK_FULL');
});
