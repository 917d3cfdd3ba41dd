import type { ContainerRuntimeClient } from 'testcontainers';
import { rehearsalLabels } from './docker-client.ts';
import { deadEnd } from './docker-containers.ts';
import type { Address, StartOptions } from './engine.ts';

const withinSeconds = 10;
/** What pg_isready ends with where nothing answered. A server that turns a session down has answered. */
const noResponse = 2;

/**
 * Whether a container of a network gets an answer from a server there, by the name and the port that an application is given.
 * It is asked from a container of the server's own image, which has pg_isready: an application's image may hold no program but
 * the application. Where it cannot be asked, nothing speaks against it.
 */
export async function answersInNetwork(
  { container: { dockerode } }: ContainerRuntimeClient,
  image: string,
  { id, directory }: Pick<StartOptions, 'id' | 'directory'>,
  network: Address & { id: string; enclosed: boolean },
): Promise<boolean> {
  const asking = await dockerode.createContainer({
    Image: image,
    Labels: rehearsalLabels({ id, directory }),
    Entrypoint: ['pg_isready'],
    Cmd: [`--host=${network.host}`, `--port=${network.port}`, `--timeout=${withinSeconds}`],
    HostConfig: { NetworkMode: network.id, ...(network.enclosed && deadEnd) },
  });
  try {
    await asking.start();
    const { StatusCode: status } = (await asking.wait()) as { StatusCode: number };
    return status !== noResponse;
  } catch {
    return true;
  } finally {
    await asking.remove({ force: true, v: true });
  }
}
