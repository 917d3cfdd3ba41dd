import { execa } from 'execa';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { endProcess, expectGone, isRunning } from '../../fixtures/testing/processes.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { signalGroup } from './children.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.for([
  ['is over', 'process.exit(0)', 0],
  ['fails', "throw new Error('unexpected')", 1],
] as const)('no child and no grandchild is left when the process that started them %s', async ([, ending, status]) => {
  const { pids, exitCode } = await runHarness(ending);
  expect(exitCode).toBe(status);
  for (const pid of pids) await expectGone(pid);
});

test('a child that was released goes on, and its harness ends by itself', async () => {
  const { pids, exitCode } = await runHarness('service.release()');
  onTestFinished(() => {
    pids.forEach(endProcess);
  });
  expect(exitCode).toBe(0);
  expect(await Promise.all(pids.map(isRunning))).toEqual([true, true]);
});

test('a signal to a group that has ended is no error', async () => {
  const child = execa('true', [], { detached: true });
  await child;
  expect(() => {
    signalGroup(child.pid ?? 0, 'SIGTERM');
  }).not.toThrow();
});

/** A process that starts a service with a child of its own, prints both ids, and then does what `ending` says. */
async function runHarness(ending: string): Promise<{ pids: number[]; exitCode: number | undefined }> {
  const program = `
    import { startService } from ${JSON.stringify(join(root, 'src/system/service.ts'))};
    const args = ['-c', 'sleep 600 & echo $$ $!; wait'];
    const service = startService({ file: 'sh', args, env: { PATH: process.env.PATH }, cwd: '/' });
    while (service.lastLines(1)[0] === '') await new Promise((resolve) => setTimeout(resolve, 10));
    console.log(service.lastLines(1)[0]);
    ${ending};`;
  const directory = await makeWorkspace({ 'harness.mts': program });
  const { stdout, exitCode } = await execa('node', ['--import', 'tsx', join(directory, 'harness.mts')], {
    cwd: root,
    reject: false,
    timeout: 30_000,
  });
  const pids = stdout.split(' ').map(Number);
  expect(pids).toHaveLength(2);
  return { pids, exitCode };
}
