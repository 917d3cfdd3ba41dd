import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { StartOptions } from './engine.ts';
import { assertSocketPathFits } from './socket.ts';

/**
 * How the harness reaches the server of a container: over a Unix socket in a directory that both see, so that the
 * container needs no network; or, with the reason, over a published port.
 */
export type Reach = { socketDirectory: string } | { publishedBecause: string };

/** Name of the file in the socket's directory that says who has to give a password: everybody. */
export const authenticationFile = 'pg_hba.conf';

/** Thrown where a container cannot be reached over a socket after all. The message says why. */
export class OutOfReach extends Error {}

/** Starts something within the best reach there is. `start` is called a second time where the first way proves closed. */
export async function withBestReach<T>(
  client: ContainerRuntimeClient,
  options: StartOptions,
  start: (reach: Reach) => Promise<T>,
): Promise<T> {
  const obstacle = findObstacle(client);
  if (obstacle !== null) return start({ publishedBecause: obstacle });
  const socketDirectory = await makeSocketDirectory(options);
  try {
    return await start({ socketDirectory });
  } catch (error) {
    const reason = error instanceof OutOfReach ? error.message : explainMount(error);
    await rm(socketDirectory, { recursive: true, force: true });
    if (reason === null) throw error;
    return start({ publishedBecause: reason });
  }
}

/** What keeps a directory from being shared with containers, as far as the daemon's own words tell. */
function findObstacle({ info, container }: ContainerRuntimeClient): string | null {
  const { socketPath } = container.dockerode.modem as { socketPath?: string };
  if (socketPath === undefined) return 'the Docker daemon may not be on this machine';
  const virtual = process.platform !== 'linux' || /Docker Desktop/.test(info.containerRuntime.operatingSystem);
  return virtual ? 'Docker runs in a virtual machine' : null;
}

/** A daemon that does not know the directory is somewhere else, or this process is in a container itself. */
function explainMount(error: unknown): string | null {
  const message = error instanceof Error ? error.message : '';
  // The words of Docker, and of Podman.
  return /bind source path does not exist|statfs .*: no such file/.test(message)
    ? "the Docker daemon does not see this process's directories"
    : null;
}

/**
 * Images trust whoever connects over a socket, for none but their own programs can. Here a port of this machine leads to
 * it: everybody needs the password. The image's own start knows it from POSTGRES_PASSWORD.
 */
const hostBasedAuthentication = 'local all all scram-sha-256\nhost all all all scram-sha-256\n';

async function makeSocketDirectory({ directory }: StartOptions): Promise<string> {
  const socketDirectory = join(directory, 'pg');
  assertSocketPathFits(socketDirectory);
  await mkdir(socketDirectory);
  // The server's account in the container has a number that is not ours; nobody else here can pass the directory above.
  await chmod(socketDirectory, 0o777);
  const authentication = join(socketDirectory, authenticationFile);
  await writeFile(authentication, hostBasedAuthentication);
  await chmod(authentication, 0o644);
  return socketDirectory;
}
