import { setTimeout as delay } from 'node:timers/promises';
import {
  getContainerRuntimeClient,
  getReaper,
  ImageName,
  StartupCheckStrategy,
  type ContainerRuntimeClient,
  type StartupStatus,
} from 'testcontainers';
import { disableReaper, readEnvironment, type Environment } from '../system/environment.ts';
import { originLabels } from './docker-origin.ts';
import { explainSilence } from './docker-silence.ts';
import type { Unavailable } from './engine.ts';
import { withoutRegistry } from './without-registry.ts';

const answerTimeoutMs = 10_000;
const pullTimeoutMs = 180_000;
const reaperTimeoutMs = 30_000;

/** Label of every container and network that a rehearsal makes; its value is the rehearsal's id. */
export const rehearsalLabel = 'restore-rehearsal.id';
/** Label with the rehearsal's private directory, which says whose it is on a daemon that others use, too. */
export const directoryLabel = 'restore-rehearsal.directory';

/** The labels of everything that a rehearsal makes. */
export function rehearsalLabels({ id, directory }: { id: string; directory: string }): Record<string, string> {
  return { [rehearsalLabel]: id, [directoryLabel]: directory, ...originLabels() };
}

/** Finds the Docker daemon as Testcontainers does: DOCKER_HOST, its own settings, the usual sockets. */
export async function findDocker(signal: AbortSignal): Promise<ContainerRuntimeClient | Unavailable> {
  const { docker } = readEnvironment();
  try {
    const client = await bounded(getContainerRuntimeClient(), answerTimeoutMs, signal);
    // One of this machine is not what somebody has asked for who names another.
    const { socketPath } = client.container.dockerode.modem as { socketPath?: string };
    const isAnother = docker !== null && !docker.host.startsWith('unix:') && socketPath !== undefined;
    return isAnother ? await explainSilence(docker) : client;
  } catch {
    return explainSilence(docker);
  }
}

/** Sees to it that an image is there, fetching it in a bounded time if it is not. Returns null when it is. */
export async function ensureImage(
  client: ContainerRuntimeClient,
  image: string,
  signal: AbortSignal,
): Promise<Unavailable | null> {
  const name = ImageName.fromString(image);
  const remedy = `docker pull ${image}, or name another image with --image${withoutRegistry()}`;
  try {
    if (await client.image.exists(name)) return null;
    await bounded(client.image.pull(name), pullTimeoutMs, signal);
    // The client does not report errors that arrive while an image is being fetched; the image's absence does.
    await client.image.inspect(name);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    return { reason: `the image ${image} is not on this machine and could not be fetched (${reason})`, remedy };
  }
}

/**
 * Starts Testcontainers' clean-up container (Ryuk), which removes what a killed process leaves behind. Where its image
 * cannot be had, the rehearsal goes on without: it removes its own containers by their label.
 */
export async function ensureReaper(
  client: ContainerRuntimeClient,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  if (environment.reaperDisabled) return;
  try {
    await bounded(getReaper(client), reaperTimeoutMs, signal);
  } catch {
    disableReaper();
  }
}

/** Removes the containers and networks of one rehearsal, and nothing else. */
export async function removeLabelled({ container }: ContainerRuntimeClient, id: string): Promise<void> {
  const { dockerode } = container;
  const filters = { label: [`${rehearsalLabel}=${id}`] };
  const containers = await dockerode.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true })));
  const networks = await dockerode.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => dockerode.getNetwork(Id).remove()));
}

/** The container runs; whether the server answers is found out by a client, as applications do. */
export class AlreadyStarted extends StartupCheckStrategy {
  override checkStartupState(): Promise<StartupStatus> {
    return Promise.resolve('SUCCESS');
  }
}

/** A finished log in Docker's multiplexed format, without the 8-byte headers of its frames. */
export function readableLog(log: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4)) {
    text += log.subarray(at + 8, at + 8 + log.readUInt32BE(at + 4)).toString();
  }
  return text.trimEnd();
}

async function bounded<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  const stop = new AbortController();
  const limit = AbortSignal.any([signal, stop.signal]);
  try {
    return await Promise.race([
      work,
      delay(timeoutMs, undefined, { signal: limit }).then(() => {
        throw new Error(`no answer within ${timeoutMs / 1000} s`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
