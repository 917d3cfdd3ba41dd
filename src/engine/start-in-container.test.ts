import { getActiveResourcesInfo } from 'node:process';
import { getContainerRuntimeClient } from 'testcontainers';
import { expect, inject, onTestFinished, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { startInContainer } from './start-in-container.ts';

describeEngine('docker', 'a program that is started in a container which stops', () => {
  test.for([true, false])('leaves no connection to the daemon, with standard input: %s', async (stdin) => {
    const container = await startIdle();
    const before = connections();
    const exec = await container.exec({ Cmd: ['cat'], AttachStdin: stdin, AttachStdout: true });
    await container.kill();
    await container.wait();
    // As where it stops in between.
    const known = Object.assign(Object.create(container) as typeof container, { exec: () => Promise.resolve(exec) });
    await expect(startInContainer(known, stdin, { Cmd: ['cat'] })).rejects.toThrow(/HTTP code/);
    await expect.poll(connections).toBe(before);
  });
});

function connections(): number {
  return getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
}

async function startIdle() {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const container = await dockerode.createContainer({ Image: inject('image'), Entrypoint: [], Cmd: ['sleep', '600'] });
  onTestFinished(() => container.remove({ force: true, v: true }));
  await container.start();
  return container;
}
