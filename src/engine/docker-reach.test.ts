import { readdir, rm } from 'node:fs/promises';
import { getContainerRuntimeClient } from 'testcontainers';
import { expect, inject, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { useImage } from '../../fixtures/testing/images.ts';
import { makeServerDirectory, startServer } from '../../fixtures/testing/servers.ts';
import { readEnvironment } from '../system/environment.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { probeDocker } from './docker.ts';
import { SocketPostgreSqlContainer } from './docker-containers.ts';
import { OutOfReach, withBestReach, type Reach } from './docker-reach.ts';
import { isUnavailable, type StartOptions } from './engine.ts';

describeEngine('docker', 'a server in a container', () => {
  test('is reached over a published port where the daemon does not see the directory', async () => {
    const { reaches, options, start } = await prepare(async (reach) => {
      if (!('socketDirectory' in reach)) return;
      // As on a daemon of another machine, or for a harness that is in a container itself.
      await rm(reach.socketDirectory, { recursive: true });
      await new SocketPostgreSqlContainer(inject('image'))
        .withMount(reach.socketDirectory, '/x')
        .withAutoCleanup(false)
        .start();
    });
    await withBestReach(await getContainerRuntimeClient(), options, start);
    expect(reaches).toEqual([
      { socketDirectory: `${options.directory}/pg` },
      { publishedBecause: "the Docker daemon does not see this process's directories" },
    ]);
  });

  test('is reached over a published port where the socket turns out to be out of reach', async () => {
    const { reaches, options, start } = await prepare((reach) => {
      if ('socketDirectory' in reach) throw new OutOfReach('of the moon');
      return Promise.resolve();
    });
    await withBestReach(await getContainerRuntimeClient(), options, start);
    expect(reaches.at(-1)).toEqual({ publishedBecause: 'of the moon' });
    expect(await readdir(options.directory)).toEqual([]);
  });

  test('that fails for another reason is not started a second time', async () => {
    const { reaches, options, start } = await prepare(() => Promise.reject(new Error('broken')));
    await expect(withBestReach(await getContainerRuntimeClient(), options, start)).rejects.toThrow('broken');
    expect(reaches).toHaveLength(1);
  });
});

describeEngine('docker', 'an image that starts a first server to initialise itself', (engine) => {
  const image = useImage('first-server', ['Dockerfile', 'entrypoint.sh']);

  test('has started when its real server answers', async () => {
    const docker = await probeDocker(image, readEnvironment(), new AbortController().signal);
    if (isUnavailable(docker)) throw new Error(docker.reason);
    await using server = await startServer(engine, await makeServerDirectory(), {}, docker);
    // The first server would not let itself be stopped while this sleeps, but break it off.
    await withClient(server.admin, async (client) => {
      const { rows } = await client.query("select current_setting('listen_addresses') as addresses, pg_sleep(3)::text");
      expect(rows).toMatchObject([{ addresses: '*' }]);
    });
  });
});

async function prepare(attempt: (reach: Reach) => Promise<void>) {
  const reaches: Reach[] = [];
  const options: StartOptions = {
    id: 'x',
    directory: await makeServerDirectory(),
    admin: { user: 'x', password: 'x' },
    forContainers: false,
    keep: false,
    signal: new AbortController().signal,
  };
  const start = (reach: Reach) => {
    reaches.push(reach);
    return attempt(reach);
  };
  return { reaches, options, start };
}
