import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectGone } from '../../fixtures/testing/processes.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { profileSchema, type AppProfile } from '../config/profile.ts';
import type { Application } from './application.ts';
import { startApplication } from './start-application.ts';
import { describeExit } from './command.ts';

const { path } = readEnvironment();
const database = { host: '127.0.0.1', port: 5433, user: 'me', password: 'pw', database: 'app' };

/** Starts the program of a profile; it is stopped with the test. */
async function start(app: Record<string, unknown>, directory: string): Promise<Application & { home: string }> {
  const profile = profileSchema.parse({ name: 'x', database: { name: 'x', owner: 'x' }, seed: ['x.sql'], app });
  const home = join(directory, 'home');
  await mkdir(home);
  const { signal } = new AbortController();
  const application = await startApplication(profile.app as AppProfile, {
    database,
    network: null,
    directory,
    home,
    id: 'x',
    path,
    signal,
  });
  onTestFinished(() => application[Symbol.asyncDispose]());
  return { ...application, home };
}

/** A program that answers every request with what `expression` comes to. */
function program(expression: string): string[] {
  const code = `require('node:http').createServer((request, response) => response.end(JSON.stringify(${expression})))`;
  return ['node', '-e', `${code}.listen(process.env.PORT, '127.0.0.1')`];
}

async function ask<T>({ baseUrl }: Application): Promise<T> {
  const response = await expect
    .poll(() => fetch(baseUrl).catch(() => null), { timeout: 30_000 })
    .not.toBeNull()
    .then(() => fetch(baseUrl));
  return (await response.json()) as T;
}

test('an application has PATH, HOME, PORT, what the profile gives, and nothing of ours', async () => {
  process.env['REHEARSAL_TEST_CANARY'] = 'canary';
  onTestFinished(() => {
    delete process.env['REHEARSAL_TEST_CANARY'];
  });
  const directory = await makeWorkspace();
  const env = (db: { url: string }) => ({ DATABASE_URL: db.url, EMPTY: '' });
  const application = await start({ command: program('process.env'), env }, directory);
  const { PATH, ...variables } = await ask<Record<string, string>>(application);
  expect(variables).toEqual({
    HOME: application.home,
    PORT: new URL(application.baseUrl).port,
    DATABASE_URL: 'postgres://me:pw@127.0.0.1:5433/app',
    EMPTY: '',
  });
  expect(PATH?.endsWith(path)).toBe(true);
});

test('an application runs in the directory of the profile', async () => {
  const directory = await makeWorkspace();
  expect(await ask(await start({ command: program('process.cwd()') }, directory))).toBe(directory);
});

test('the profile may choose other values for HOME and PATH', async () => {
  const env = { HOME: '/nowhere', PATH: path };
  const application = await start({ command: program('process.env.HOME'), env }, await makeWorkspace());
  expect(await ask(application)).toBe('/nowhere');
});

test('a program may stand in node_modules/.bin near the profile', async () => {
  const directory = await makeWorkspace({ 'node_modules/.bin/serve-it': '#!/bin/sh\nexec sleep 600\n' });
  await chmod(join(directory, 'node_modules/.bin/serve-it'), 0o755);
  const application = await start({ command: ['serve-it'] }, directory);
  expect(await application.readExit()).toBeNull();
  expect(application.description).toBe('command serve-it, on a free port given as PORT');
});

test('a program that is not there is APPLICATION_NOT_STARTED', async () => {
  await expect(start({ command: ['no-such-program'] }, await makeWorkspace())).rejects.toMatchObject({
    code: 'APPLICATION_NOT_STARTED',
    message: expect.stringContaining('there is no program "no-such-program" on PATH') as string,
  });
});

test('an application that was stopped is gone, and all that it started', async () => {
  const children = "require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' }).pid";
  const application = await start({ command: program(`[process.pid, ${children}]`) }, await makeWorkspace());
  const pids = await ask<number[]>(application);
  await application[Symbol.asyncDispose]();
  expect(pids).toHaveLength(2);
  for (const pid of pids) await expectGone(pid);
});

describe('an application that has ended says how', () => {
  test.for([
    [
      'with a status and its last lines',
      'echo one; echo two >&2; exit 7',
      /^it ended with status 7\. Its last lines:\none\ntwo$/,
    ],
    ['with a status and nothing to say', 'exit 0', /^it ended with status 0\. It printed nothing\.$/],
    ['by a signal', 'kill -9 $$', /^it ended by SIGKILL\. It printed nothing\.$/],
  ] as const)('%s', async ([, script, exit]) => {
    const application = await start({ command: ['sh', '-c', script] }, await makeWorkspace());
    await expect.poll(() => application.readExit()).toMatch(exit);
  });

  test.for(['Error: listen EADDRINUSE: address already in use :::8080', 'bind: Address already in use'])(
    'and what a taken port means: %s',
    (line) => {
      expect(describeExit('with status 1', [line])).toMatch(
        /\nThe port it wants is taken: it has to listen on the one/,
      );
    },
  );

  test('and nothing of ports where that was not the reason', () => {
    expect(describeExit('with status 1', ['no config'])).not.toContain('port');
  });
});
