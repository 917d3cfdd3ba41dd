import { execa } from 'execa';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endProcess, expectGone, isRunning } from '../../fixtures/testing/processes.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from './environment.ts';
import { belongsTo, endProcessesOf, markerVariable, parseProcessList } from './marked.ts';

const { path } = readEnvironment();

/** A shell that says `ready` and goes on. It is ended with the test. */
async function startShell(script: string, env: Record<string, string>, cwd = '/'): Promise<number> {
  const child = execa('sh', ['-c', `${script}; echo ready; while :; do sleep 0.1; done`], {
    extendEnv: false,
    env: { PATH: path, ...env },
    cwd,
    detached: true,
    reject: false,
  });
  const { pid = 0 } = child;
  onTestFinished(() => {
    endProcess(pid);
  });
  await once(child.stdout, 'data');
  return pid;
}

test('processes whose home is the directory, or below it, are ended, and those of others are not', async () => {
  const workspace = await makeWorkspace({ 'own/x/file': '', 'own-2/file': '' });
  const own = join(workspace, 'own');
  const ours = [
    await startShell('true', { HOME: own }),
    await startShell('true', { HOME: join(own, 'x') }),
    await startShell('true', { HOME: '/nowhere', [markerVariable]: own }),
    // One that does not want to end, and one that is stopped.
    await startShell("trap '' TERM", { HOME: own }),
  ];
  const stopped = await startShell('true', { HOME: own });
  process.kill(stopped, 'SIGSTOP');
  const others = [
    await startShell('true', { HOME: join(workspace, 'own-2') }),
    await startShell('true', { HOME: workspace }),
    // Somebody looks into what was left.
    await startShell('true', { HOME: '/root', EDITED: join(own, 'x', 'file') }, join(own, 'x')),
    await startShell(`: HOME=${own}`, {}, own),
  ];

  expect(await endProcessesOf(own, path)).toBeGreaterThanOrEqual(5);
  for (const pid of [...ours, stopped]) await expectGone(pid);
  expect(await Promise.all(others.map(isRunning))).toEqual(others.map(() => true));
  expect(await endProcessesOf(own, path)).toBe(0);
});

test('two that end the same processes at once do not get into each other’s way', async () => {
  const own = await makeWorkspace();
  const pid = await startShell("trap '' TERM", { HOME: own });
  await Promise.all([endProcessesOf(own, path), endProcessesOf(own, path)]);
  expect(await isRunning(pid)).toBe(false);
});

test('where there is no /proc, the list of ps says the same', () => {
  const list = [
    '  101  0     1 /usr/lib/postgresql/17/bin/postgres -D /t/drill/pg/data -c port=5 PATH=/bin HOME=/t/drill',
    '  102  0   101 postgres: checkpointer ',
    '  103 70     1 /usr/bin/postgres -D /srv/pg/data',
    '  104 70   103 postgres: walwriter ',
    '  105  0     1 /usr/bin/node app.js PATH=/bin HOME=/t/drill/x PORT=1',
    `  106  0     1 node app.js HOME=/x ${markerVariable}=/t/drill`,
    '  107  0     1 -zsh HOME=/Users/me PWD=/t/drill',
    '  108  0     1 ls',
  ].join('\n');
  const own = parseProcessList(list).filter((marked) => belongsTo(marked, ['/t/drill']));
  expect(own.map(({ pid }) => pid)).toEqual([101, 102, 105, 106]);
  expect(parseProcessList(list).map(({ uid }) => uid)).toEqual([0, 0, 70, 70, 0, 0, 0, 0]);
});

test('the list of ps of this machine can be read', async () => {
  const own = await makeWorkspace();
  const pid = await startShell('true', { HOME: own });
  const { stdout } = await execa('ps', ['axeww', '-o', 'pid=,uid=,ppid=,command=']);
  const found = parseProcessList(stdout).find((marked) => marked.pid === pid);
  expect(found).toEqual({ pid, uid: process.getuid?.(), homes: [own], serverDirectory: null });
});
