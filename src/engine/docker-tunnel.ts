import { Duplex, Readable } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';
import { OutOfReach } from './docker-reach.ts';
import { demultiplex } from './docker-stream.ts';
import type { Address } from './engine.ts';
import { startInContainer } from './start-in-container.ts';

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;

/**
 * bash is in every official image. Its background jobs read nothing from standard input, so that gets a number; and it
 * waits for them, for the first process of the container is the server: one that it has not started and that ends by a
 * signal is a crash to it.
 */
const relay =
  'exec 3<>"/dev/tcp/$0/$1" 4<&0 || exit; cat <&3 & cat <&4 >&3 & wait -n; kill $(jobs -p) 2>/dev/null; wait';

/**
 * Sees to it that connections can be opened from inside of a container.
 * @throws OutOfReach
 */
export async function assertTunnels(
  { container: docker }: ContainerRuntimeClient,
  container: Container,
): Promise<void> {
  const { exitCode } = await docker.exec(container, ['bash', '-c', ':']);
  if (exitCode !== 0) throw new OutOfReach('its image has no bash, which would open connections from inside of it');
}

/**
 * Opens a TCP connection as `container` would, from inside of it: into a network that this machine has no address in.
 * One that cannot be made ends at once.
 */
export async function openTunnel(container: Container, { host, port }: Address): Promise<Duplex> {
  const { stream } = await startInContainer(container, true, { Cmd: ['bash', '-c', relay, host, String(port)] });
  const answers = Readable.from(
    demultiplex(stream, () => undefined),
    { objectMode: false },
  );
  const tunnel = Duplex.from({ readable: answers, writable: stream });
  tunnel.once('close', () => stream.destroy());
  return tunnel;
}
