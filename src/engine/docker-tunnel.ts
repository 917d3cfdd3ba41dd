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

/** As `relay`, to a socket of the file system: bash does not connect to one, and perl is in images of Debian. */
const socketRelay = `
  use strict; use Socket;
  $SIG{PIPE} = 'IGNORE';
  socket(my $server, PF_UNIX, SOCK_STREAM, 0) or exit 1;
  connect($server, sockaddr_un($ARGV[0])) or exit 1;
  $SIG{CHLD} = sub { wait; exit };
  defined(my $child = fork) or exit 1;
  my ($from, $to) = $child ? (*STDIN, $server) : ($server, *STDOUT);
  RELAY: while (sysread($from, my $bytes, 65536)) {
    for (my $at = 0; $at < length $bytes;) { $at += syswrite($to, $bytes, length($bytes) - $at, $at) // last RELAY }
  }
  if ($child) { kill 'TERM', $child; wait }`;

/** A socket of a server in the file system of its container. */
export interface ContainerSocket {
  path: string;
}

/**
 * The first of these sockets that is there, and that a connection can be opened to.
 * @param paths without characters that have a meaning for a shell
 */
export async function findSocket(
  { container: docker }: ContainerRuntimeClient,
  container: Container,
  paths: readonly string[],
): Promise<ContainerSocket | null> {
  const look = `perl -MSocket -e 1 && for each in ${paths.join(' ')}; do [ -S "$each" ] && echo "$each" && exit; done`;
  const { output } = await docker.exec(container, ['sh', '-c', `{ ${look}; } 2>/dev/null`]);
  const path = output.trim();
  return paths.includes(path) ? { path } : null;
}

/**
 * Opens a connection as `container` would, from inside of it: into a network that this machine has no address in, or to a socket in
 * its file system. One that cannot be made ends at once.
 */
export async function openTunnel(container: Container, to: Address | ContainerSocket): Promise<Duplex> {
  const Cmd = 'path' in to ? ['perl', '-e', socketRelay, to.path] : ['bash', '-c', relay, to.host, String(to.port)];
  const { stream } = await startInContainer(container, true, { Cmd });
  const answers = Readable.from(
    demultiplex(stream, () => undefined),
    { objectMode: false },
  );
  const tunnel = Duplex.from({ readable: answers, writable: stream });
  tunnel.once('close', () => stream.destroy());
  return tunnel;
}
