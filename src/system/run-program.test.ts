import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { expectGone } from '../../fixtures/testing/processes.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from './environment.ts';
import { runProgram, type Program } from './run-program.ts';

const env = { PATH: readEnvironment().path };
const limits = { env, timeoutMs: 60_000 };

function shell(script: string): Pick<Program, 'file' | 'args'> {
  return { file: 'sh', args: ['-c', script] };
}

test.for([0, 1, 3, 255])('the status %i is a result', async (status) => {
  expect(await runProgram({ ...limits, ...shell(`exit ${status}`) })).toEqual({
    exitCode: status,
    stdout: '',
    stderr: '',
  });
});

test('standard output and standard error are kept apart', async () => {
  const result = await runProgram({ ...limits, ...shell('echo out; echo err >&2; exit 1') });
  expect(result).toEqual({ exitCode: 1, stdout: 'out', stderr: 'err' });
});

test('arguments are no shell text', async () => {
  const args = ['%s|', '$HOME', '`id`', '; exit 9', '"', '*', ''];
  expect(await runProgram({ ...limits, file: 'printf', args })).toMatchObject({
    exitCode: 0,
    stdout: '$HOME|`id`|; exit 9|"|*||',
  });
});

test('a program has only the environment variables that it is given', async () => {
  process.env['REHEARSAL_TEST_CANARY'] = 'canary';
  const { stdout } = await runProgram({ ...limits, file: 'env', args: [], env: { ...env, GIVEN: 'yes' } });
  delete process.env['REHEARSAL_TEST_CANARY'];
  expect(stdout.split('\n').toSorted()).toEqual(['GIVEN=yes', `PATH=${env.PATH}`]);
});

test('a program without an input file finds its standard input empty', async () => {
  const { stdout } = await runProgram({ ...limits, ...shell('wc -c') });
  expect(stdout.trim()).toBe('0');
});

test('every byte of a file comes through standard input and standard output', async () => {
  const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(3_000_000)]);
  const stdinFile = join(await makeWorkspace(), 'bytes');
  await writeFile(stdinFile, bytes);
  const hash = createHash('sha256');
  const result = await runProgram({
    ...limits,
    file: 'cat',
    args: [],
    stdinFile,
    consumeStdout: async (source) => {
      for await (const chunk of source) hash.update(chunk as Buffer);
    },
  });
  expect(result).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('a program that does not read its input to the end has its status as a result', async () => {
  const stdinFile = join(await makeWorkspace({ input: 'x'.repeat(1_000_000) }), 'input');
  expect(await runProgram({ ...limits, ...shell('exec 0<&-; exit 3'), stdinFile })).toMatchObject({ exitCode: 3 });
});

test.for([
  ['is not there', 'nothing', 'ENOENT'],
  ['is a directory', '.', 'EISDIR'],
] as const)('an input file that %s is an error, although the program was content', async ([, name, reason]) => {
  const stdinFile = join(await makeWorkspace(), name);
  await expect(runProgram({ ...limits, file: 'cat', args: [], stdinFile })).rejects.toMatchObject({
    code: 'INTERNAL',
    message: `cat did not get its whole input: ${stdinFile} cannot be read (${reason}).`,
  });
});

test('a program that is not there is TOOL_NOT_STARTED', async () => {
  // On a search path with directories that this account may not enter, the reason would be another.
  const env = { PATH: '/usr/bin:/bin' };
  await expect(runProgram({ ...limits, env, file: 'no-such-program', args: [] })).rejects.toMatchObject({
    code: 'TOOL_NOT_STARTED',
    message: 'no-such-program could not be started (ENOENT).',
  });
});

describe('a program that is ended early', () => {
  // What a program of PostgreSQL does at SIGTERM: it ends with a status of its own.
  const scripts = [
    ['by a signal', ''],
    ['with a status of its own', 'trap "exit 1" TERM;'],
    ['as if all were well', 'trap "exit 0" TERM;'],
  ] as const;

  test.for(scripts)(
    'at its deadline is TOOL_TIMED_OUT and leaves nothing behind, where it ends %s',
    async ([, trap]) => {
      const { pids, error } = await runWithGrandchild(trap, { timeoutMs: 1500 });
      expect(error).toMatchObject({
        code: 'TOOL_TIMED_OUT',
        message: 'sh had not finished after 1.5 s and was ended.',
      });
      await expectAllGone(pids);
    },
  );

  test.for(scripts)(
    'with the rehearsal is INTERRUPTED and leaves nothing behind, where it ends %s',
    async ([, trap]) => {
      const interruption = new AbortController();
      const { pids, error } = await runWithGrandchild(trap, { signal: interruption.signal }, () => {
        interruption.abort();
      });
      expect(error).toMatchObject({ code: 'INTERRUPTED' });
      await expectAllGone(pids);
    },
  );

  test('from outside is TOOL_KILLED and leaves nothing behind', async () => {
    const { pids, error } = await runWithGrandchild('', {}, (child) => process.kill(child, 'SIGKILL'));
    expect(error).toMatchObject({ code: 'TOOL_KILLED', message: 'sh was ended from outside by SIGKILL.' });
    await expectAllGone(pids);
  });

  test('because its output cannot be taken gives the reason for that, and leaves nothing behind', async () => {
    const reason = new Error('the disk is full');
    const { pids, error } = await runWithGrandchild('', {}, () => {
      throw reason;
    });
    expect(error).toBe(reason);
    await expectAllGone(pids);
  });

  test('before it began is INTERRUPTED', async () => {
    const running = runProgram({ ...limits, ...shell('exit 0'), signal: AbortSignal.abort() });
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

test('a program that ends by itself leaves nothing behind, and nobody waits for what it started', async () => {
  const { stdout, exitCode } = await runProgram({ ...limits, ...shell('sleep 600 & echo $!; exit 4') });
  expect(exitCode).toBe(4);
  await expectGone(Number(stdout));
});

/** Runs a shell that starts another program and waits for it; calls `onStart` with the shell's pid when both run. */
async function runWithGrandchild(
  trap: string,
  options: Partial<Program>,
  onStart: (child: number) => unknown = () => undefined,
): Promise<{ pids: number[]; error: unknown }> {
  let pids: number[] = [];
  const consumeStdout = async (source: Readable) => {
    for await (const chunk of source) {
      pids = String(chunk).trim().split(' ').map(Number);
      onStart(pids[0] ?? 0);
    }
  };
  const command = { ...limits, ...shell(`${trap} sleep 600 & echo $$ $!; wait`), consumeStdout, ...options };
  const error: unknown = await runProgram(command).then(
    (result) => ({ ended: result }),
    (reason: unknown) => reason,
  );
  return { pids, error };
}

async function expectAllGone(pids: number[]): Promise<void> {
  expect(pids).toHaveLength(2);
  for (const pid of pids) await expectGone(pid);
}
