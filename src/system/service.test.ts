import { describe, expect, onTestFinished, test } from 'vitest';
import { chmod } from 'node:fs/promises';
import { endProcess, expectGone, isRunning } from '../../fixtures/testing/processes.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from './environment.ts';
import { startService, type Service, type ServiceCommand } from './service.ts';

const env = { PATH: readEnvironment().path };

function startShell(script: string, options: Partial<ServiceCommand> = {}): Service {
  const service = startService({ file: 'sh', args: ['-c', script], env, cwd: '/', ...options });
  onTestFinished(() => service.stop('SIGKILL', 0));
  return service;
}

describe('the last lines', () => {
  test('are those of standard output and standard error together', async () => {
    const service = startShell('for n in 1 2 3 4; do echo out $n; echo err $n >&2; done; sleep 600');
    await expect.poll(() => service.lastLines(8).toSorted()).toContain('out 4');
    await expect.poll(() => service.lastLines(8).toSorted()).toContain('err 4');
    expect(service.lastLines(8)).toHaveLength(8);
    expect(service.lastLines(2)).toEqual(service.lastLines(8).slice(-2));
  });

  test('are there after the end', async () => {
    const service = startShell('echo first; echo last; exit 3');
    await expect.poll(() => service.exit()).toEqual({ code: 3, signal: null });
    expect(service.lastLines(5)).toEqual(['first', 'last']);
  });

  test('are whole where a character comes in two parts', async () => {
    const service = startShell("printf '\\320'; sleep 0.2; printf '\\226'");
    await expect.poll(() => service.exit(), { timeout: 10_000 }).not.toBeNull();
    expect(service.lastLines(1)).toEqual(['Ж']);
  });

  test('survive any amount of output', async () => {
    const service = startShell('yes | head -n 1000000; echo last');
    await expect.poll(() => service.exit(), { timeout: 30_000 }).not.toBeNull();
    expect(service.lastLines(2)).toEqual(['y', 'last']);
    expect(service.lastLines(1_000_000).length).toBeLessThan(100_000);
  });
});

describe('the end of a service', () => {
  test('is null while it runs', async () => {
    const service = startShell('echo up; sleep 600');
    await expect.poll(() => service.lastLines(1)).toEqual(['up']);
    expect(service.exit()).toBeNull();
    expect(await isRunning(service.pid)).toBe(true);
  });

  test.for([
    ['exit 7', { code: 7, signal: null }],
    ['kill -9 $$', { code: null, signal: 'SIGKILL' }],
  ] as const)('after `%s` says how', async ([script, exit]) => {
    const service = startShell(script);
    await expect.poll(() => service.exit()).toEqual(exit);
  });
});

describe('stopping', () => {
  test.for([
    ['that ends when asked', ''],
    ['that ignores the question', 'trap "" TERM;'],
  ] as const)('ends a service %s, and what it started', async ([, script]) => {
    const service = startShell(`${script} sleep 600 & echo $!; wait`);
    await expect.poll(() => service.lastLines(1)).toEqual([expect.stringMatching(/^\d+$/)]);
    const grandchild = Number(service.lastLines(1)[0]);
    await service.stop('SIGTERM', 200);
    expect(service.exit()).not.toBeNull();
    await expectGone(service.pid);
    await expectGone(grandchild);
  });

  test('ends what a service that has ended left behind', async () => {
    const service = startShell('sleep 600 & echo $!');
    await expect.poll(() => isRunning(service.pid)).toBe(false);
    const grandchild = Number(service.lastLines(1)[0]);
    expect(await isRunning(grandchild)).toBe(true);
    await service.stop('SIGTERM', 200);
    expect(service.exit()).toEqual({ code: 0, signal: null });
    await expectGone(grandchild);
  });

  test('lets a service end in its own way', async () => {
    const service = startShell('trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.05; done');
    await expect.poll(() => service.lastLines(1)).toEqual(['up']);
    await service.stop('SIGTERM', 60_000);
    expect(service.exit()).toEqual({ code: 5, signal: null });
    expect(service.lastLines(1)).toEqual(['bye']);
  });

  test('does not wait for a program that made itself independent and holds the output open', async () => {
    const detached = "require('child_process').spawn('sleep', ['600'], { detached: true, stdio: 'inherit' })";
    const service = startService({
      file: process.execPath,
      args: ['-e', `console.log(${detached}.pid); setInterval(() => {}, 1000)`],
      env,
      cwd: '/',
    });
    await expect.poll(() => service.lastLines(1), { timeout: 10_000 }).toEqual([expect.stringMatching(/^\d+$/)]);
    const independent = Number(service.lastLines(1)[0]);
    onTestFinished(() => {
      endProcess(independent);
    });
    await service.stop('SIGTERM', 200);
    expect(service.exit()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('what has ended is no error', async () => {
    const service = startShell('exit 0');
    await expect.poll(() => service.exit()).not.toBeNull();
    await service.stop('SIGTERM', 60_000);
    await service.stop('SIGTERM', 60_000);
    expect(service.exit()).toEqual({ code: 0, signal: null });
  });
});

test('a service has only the environment variables that it is given', async () => {
  const service = startService({ file: 'env', args: [], env: { ...env, GIVEN: 'yes' }, cwd: '/' });
  await expect.poll(() => service.exit()).not.toBeNull();
  expect(service.lastLines(50).toSorted()).toEqual(['GIVEN=yes', `PATH=${env.PATH}`]);
});

test('a program that is not there is TOOL_NOT_STARTED', () => {
  expect(() => startService({ file: 'no-such-program', args: [], env, cwd: '/' })).toThrow(
    expect.objectContaining({ code: 'TOOL_NOT_STARTED' }) as Error,
  );
});

test('programs of node_modules/.bin are found where a directory is named, also from below', async () => {
  const directory = await makeWorkspace({ 'node_modules/.bin/only-here': '#!/bin/sh\necho found\n', 'a/b/file': '' });
  await chmod(`${directory}/node_modules/.bin/only-here`, 0o755);
  const command = { file: 'only-here', args: [], env, cwd: directory };
  const service = startService({ ...command, localDirectory: `${directory}/a/b` });
  await expect.poll(() => service.exit()).toEqual({ code: 0, signal: null });
  expect(service.lastLines(1)).toEqual(['found']);
  expect(() => startService(command)).toThrow(/only-here could not be started/);
});
