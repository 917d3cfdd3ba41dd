import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { Environment } from '../system/environment.ts';
import { directoryLabel, rehearsalLabel } from './docker-client.ts';
import { judgeOrigin } from './docker-origin.ts';
import type { Sweep } from '../system/drafts.ts';
import type { KeptServer } from '../system/leftovers.ts';
import { parsePrivateName } from '../system/private-directory.ts';

/** A container or network that a rehearsal made. */
interface Resource {
  kind: 'container' | 'network';
  dockerId: string;
  name: string;
  rehearsal: string;
  directory: string;
}

const removalTimeoutMs = 30_000;

/** Finds the containers and networks whose rehearsal is dead, and those that were kept. */
export async function findDockerLeftovers(
  client: ContainerRuntimeClient,
  { path }: Environment,
): Promise<{ leftovers: Resource[]; kept: KeptServer[] }> {
  const { dockerode } = client.container;
  const filters = { label: [rehearsalLabel] };
  const [containers, networks] = await Promise.all([
    dockerode.listContainers({ all: true, filters }),
    dockerode.listNetworks({ filters }),
  ]);
  const all = [
    // A network cannot go before its containers.
    ...containers.map(({ Id, Names, Labels }) => describe('container', Id, Names[0]?.slice(1) ?? Id, Labels)),
    ...networks.map(({ Id, Name, Labels }) => describe('network', Id, Name, Labels ?? {})),
  ];
  const daemonIsHere = (dockerode.modem as { socketPath?: string }).socketPath !== undefined;
  const dead: Resource[] = [];
  for (const { labels, ...resource } of all) {
    if ((await judgeOrigin(labels, resource.rehearsal, daemonIsHere, path)) === 'dead') dead.push(resource);
  }
  const isKept = ({ rehearsal }: Resource) => parsePrivateName(rehearsal)?.kept === true;
  return { leftovers: dead.filter((resource) => !isKept(resource)), kept: describeKept(dead.filter(isKept)) };
}

/** Removes the containers and networks that killed rehearsals left. Never throws. */
export async function removeDockerLeftovers(client: ContainerRuntimeClient, environment: Environment): Promise<Sweep> {
  const sweep: Sweep = { removed: [], failed: [] };
  try {
    for (const resource of (await findDockerLeftovers(client, environment)).leftovers) {
      await remove(client, resource, sweep);
    }
  } catch (error) {
    sweep.failed.push(`what is left in Docker (${reason(error)})`);
  }
  return sweep;
}

function describe(kind: Resource['kind'], dockerId: string, name: string, labels: Record<string, string>) {
  const rehearsal = labels[rehearsalLabel] ?? '';
  return { kind, dockerId, name, rehearsal, directory: labels[directoryLabel] ?? '', labels };
}

/** One entry for each rehearsal, with the command that ends all of it. */
function describeKept(resources: Resource[]): KeptServer[] {
  const directories = [...new Set(resources.map(({ directory }) => directory))];
  return directories.map((directory) => {
    const own = resources.filter((resource) => resource.directory === directory);
    const names = (kind: Resource['kind']) => own.filter((one) => one.kind === kind).map(({ name }) => name);
    const [containers, networks] = [names('container'), names('network')];
    return {
      name: directory,
      description: own.map(({ kind, name }) => `${kind} ${name}`).join(', '),
      endCommand: [
        ...(containers.length > 0 ? [`docker rm --force --volumes ${containers.join(' ')}`] : []),
        ...(networks.length > 0 ? [`docker network rm ${networks.join(' ')}`] : []),
        `rm -rf ${directory}`,
      ].join(' && '),
    };
  });
}

async function remove(client: ContainerRuntimeClient, resource: Resource, sweep: Sweep): Promise<void> {
  const { kind, name } = resource;
  const deadline = performance.now() + removalTimeoutMs;
  for (;;) {
    try {
      await requestRemoval(client, resource);
      sweep.removed.push(`${kind} ${name}`);
      return;
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      // Something else, Testcontainers' clean-up container for one, has removed it.
      if (statusCode === 404) return;
      // 409: being removed already; 403: a container is about to leave the network.
      if ((statusCode !== 409 && statusCode !== 403) || performance.now() > deadline) {
        sweep.failed.push(`${kind} ${name} (${reason(error)})`);
        return;
      }
      await delay(50);
    }
  }
}

async function requestRemoval({ container }: ContainerRuntimeClient, { kind, dockerId }: Resource): Promise<void> {
  if (kind === 'container') await container.dockerode.getContainer(dockerId).remove({ force: true, v: true });
  else await container.dockerode.getNetwork(dockerId).remove();
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
