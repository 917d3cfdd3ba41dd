import type { AppProfile } from '../config/profile.ts';
import type { Address, ContainerNetwork, DisposableServer } from '../engine/engine.ts';
import { canConnect } from '../postgres/tool-errors.ts';
import { OperationalError } from '../system/operational-error.ts';

/**
 * Sees to it that an application could reach the disposable server by TCP from where it runs, before anybody blames it or its
 * data. One that is up already has a way of its own, which is not known here.
 * @throws OperationalError SERVER_UNREACHABLE; SERVER_LOST where the server itself has gone
 */
export async function assertServerInReach(server: DisposableServer, app: AppProfile | undefined): Promise<void> {
  if (app?.command !== undefined) await assertInReachHere(server);
  // A container without a network is told so when it is started.
  if (app?.image !== undefined && server.containerNetwork !== null) {
    await assertInReachOfContainers(server, server.containerNetwork);
  }
}

async function assertInReachHere(server: DisposableServer): Promise<void> {
  const address = await server.openPort();
  if (await canConnect({ ...server.admin, ...address })) return;
  await assertUp(server);
  throw unreachable(
    address,
    'a program of this machine',
    'whether the loopback interface is up (ip link show lo), and its firewall rules (iptables --list-rules INPUT, or nft list ruleset)',
  );
}

async function assertInReachOfContainers(server: DisposableServer, network: ContainerNetwork): Promise<void> {
  if (await network.serverAnswers()) return;
  await assertUp(server);
  throw unreachable(
    network,
    `a container of the Docker network ${network.id.slice(0, 12)}`,
    `docker network inspect ${network.id.slice(0, 12)}, and iptables --list-rules FORWARD, or nft list ruleset: a firewall that was reloaded (firewalld, ufw, iptables-restore) may have dropped the rules of Docker, and a restart of its daemon brings them back (systemctl restart docker)`,
  );
}

async function assertUp({ admin }: DisposableServer): Promise<void> {
  if (await canConnect(admin)) return;
  throw new OperationalError('SERVER_LOST', 'The disposable server went away before the application could use it.');
}

function unreachable({ host, port }: Address, from: string, see: string): OperationalError {
  const message = `The disposable server runs, and ${from} gets no answer from it at ${host}:${port} by TCP, so an application could not use it there; neither it nor the backup is to blame. See ${see}. Then start again.`;
  return new OperationalError('SERVER_UNREACHABLE', message);
}
