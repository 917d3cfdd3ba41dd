import { once } from 'node:events';
import { connect } from 'node:net';
import { explainRemote, type RemoteDocker } from './docker-remote.ts';
import type { Unavailable } from './engine.ts';

const usualSocket = '/var/run/docker.sock';

const startIt = 'start Docker and see that `docker info` succeeds for this account';

/**
 * Why no Docker daemon answers: the library that looks for it says only that it has found none.
 * @param remote what variables say of a daemon; null where DOCKER_HOST is not set
 */
export async function explainSilence(remote: RemoteDocker | null, socket = usualSocket): Promise<Unavailable> {
  const reason = 'no Docker daemon answers this account';
  if (remote !== null) {
    const explained = await explainRemote(remote);
    return explained ?? { reason: `${reason} at ${remote.host} (DOCKER_HOST)`, remedy: startIt };
  }
  const code = await tryToConnect(socket);
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      reason: `this account may not use the socket of Docker, ${socket}`,
      remedy:
        'add it to the group docker (sudo usermod --append --groups docker "$USER", then log in again), which makes it as good as root; or use --engine local, which needs no Docker',
    };
  }
  if (code === 'ECONNREFUSED') {
    return { reason: `nobody answers at the socket of Docker, ${socket}`, remedy: 'sudo systemctl start docker' };
  }
  return { reason, remedy: startIt };
}

/** The code of the error; null where somebody takes the connection. */
async function tryToConnect(path: string): Promise<string | null> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? null;
  } finally {
    socket.destroy();
  }
}
