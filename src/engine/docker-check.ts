import { ImageName } from 'testcontainers';
import type { Environment } from '../system/environment.ts';
import { findDocker } from './docker-client.ts';
import { findDockerLeftovers, removeDockerLeftovers } from './docker-leftovers.ts';
import type { Unavailable } from './engine.ts';
import type { Sweep } from '../system/drafts.ts';
import type { KeptServer } from '../system/leftovers.ts';

/** What there is of Docker here, without fetching anything. */
export interface DockerState {
  version: string;
  host: string;
  hasImage: boolean;
  /** Containers and networks that killed rehearsals left, in words. */
  leftovers: string[];
  kept: KeptServer[];
  removeLeftovers(): Promise<Sweep>;
}

/** Looks at Docker, the image and what rehearsals left there. */
export async function inspectDocker(
  image: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<DockerState | Unavailable> {
  const client = await findDocker(signal);
  if ('remedy' in client) return client;
  const { containerRuntime } = client.info;
  const { leftovers, kept } = await findDockerLeftovers(client, environment);
  return {
    version: String(containerRuntime.serverVersion),
    host: containerRuntime.host,
    hasImage: await client.image.exists(ImageName.fromString(image)),
    leftovers: leftovers.map(({ kind, name }) => `${kind} ${name}`),
    kept,
    removeLeftovers: () => removeDockerLeftovers(client, environment),
  };
}
