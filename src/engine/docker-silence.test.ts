import { execa } from 'execa';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { explainSilence } from './docker-silence.ts';

const makeSocket = (path: string) =>
  // A socket whose listener was killed stays.
  execa(
    'node',
    ['-e', `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))`, path],
    {
      reject: false,
    },
  );

test('without a socket, nothing more is known; with DOCKER_HOST, where it was looked for', async () => {
  const none = join(await makeWorkspace(), 'none');
  expect((await explainSilence(null, none)).reason).toBe('no Docker daemon answers this account');
  const remote = { host: 'unix:///nowhere', verifies: false, certificates: null };
  expect((await explainSilence(remote, none)).reason).toContain('at unix:///nowhere (DOCKER_HOST)');
});

test('a socket without its daemon', async () => {
  const socket = join(await makeWorkspace(), 's');
  await makeSocket(socket);
  expect(await explainSilence(null, socket)).toEqual({
    reason: `nobody answers at the socket of Docker, ${socket}`,
    remedy: 'sudo systemctl start docker',
  });
});

test.skipIf(process.getuid?.() !== 0)('a socket that another account may use alone', async () => {
  const socket = join(await makeWorkspace(), 's');
  await makeSocket(socket);
  const module = fileURLToPath(new URL('docker-silence.ts', import.meta.url));
  const script = `import(${JSON.stringify(module)}).then(async (m) => console.log((await m.explainSilence(null, ${JSON.stringify(socket)})).reason))`;
  const { stdout } = await execa('node', ['--import', 'tsx', '--eval', script], { uid: 65_534, gid: 65_534 });
  expect(stdout).toContain(`this account may not use the socket of Docker, ${socket}`);
});
