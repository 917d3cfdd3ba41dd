import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { ImageName, type ContainerRuntimeClient } from 'testcontainers';
import type { Environment } from '../config/environment.ts';
import type { Connection } from '../postgres/connection.ts';
import type { ToolCall } from '../postgres/tool.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import {
  AlreadyStarted,
  ensureImage,
  ensureReaper,
  findDocker,
  readableLog,
  rehearsalLabels,
  removeLabelled,
} from './docker-client.ts';
import { runToolInContainer } from './docker-exec.ts';
import { removeDockerLeftovers } from './docker-leftovers.ts';
import type { ContainerNetwork, DisposableServer, Engine, StartOptions, Unavailable } from './engine.ts';
import { serverArguments, throwawaySettings } from './throwaway-settings.ts';
import { waitForServer } from './wait-for-server.ts';

const startTimeoutMs = 120_000;
const postgresPort = 5432;

/** Finds out whether Docker can provide a server from `image`, fetching the image if need be. */
export async function probeDocker(
  image: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Engine | Unavailable> {
  const client = await findDocker(signal);
  if ('remedy' in client) return client;
  const missing = await ensureImage(client, image, signal);
  if (missing !== null) return missing;
  return {
    name: 'docker',
    reason: `Docker answers at ${client.info.containerRuntime.host} and has the image ${image}`,
    start: async (options) => {
      await ensureReaper(client, environment, signal);
      return startDocker(client, image, options);
    },
    removeLeftovers: () => removeDockerLeftovers(client, environment),
  };
}

async function startDocker(
  client: ContainerRuntimeClient,
  image: string,
  options: StartOptions,
): Promise<DisposableServer> {
  try {
    const network = options.forContainers ? await createNetwork(client, options) : null;
    return await startContainer(client, image, options, network);
  } catch (error) {
    await removeLabelled(client, options.id);
    if (error instanceof RehearsalError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RehearsalError('SERVER_NOT_STARTED', `The container of ${image} could not be started: ${reason}`, {
      cause: error,
    });
  }
}

async function startContainer(
  client: ContainerRuntimeClient,
  image: string,
  options: StartOptions,
  network: ContainerNetwork | null,
): Promise<DisposableServer> {
  const container = await describeContainer(image, options, network).start();
  const admin: Connection = {
    host: container.getHost(),
    port: container.getMappedPort(postgresPort),
    ...options.admin,
    database: 'postgres',
  };
  const handle = client.container.getById(container.getId());
  const serverVersion = await waitForServer(admin, () => assertRunning(handle), startTimeoutMs, options.signal);
  const runTool = (call: ToolCall) => runToolInContainer(handle, container, call);
  return {
    engine: 'docker',
    serverVersion,
    admin,
    image,
    imageDigest: await imageDigest(client, image),
    tools: await toolVersions(runTool, admin),
    settings: throwawaySettings,
    containerNetwork: network,
    runTool,
    endCommand: [
      `docker rm --force --volumes ${options.id}-postgres`,
      ...(network === null ? [] : [`docker network rm ${options.id}`]),
      `rm -r ${options.directory}`,
    ].join(' && '),
    async [Symbol.asyncDispose]() {
      if (!options.keep) await removeLabelled(client, options.id);
    },
  };
}

function describeContainer(
  image: string,
  options: StartOptions,
  network: ContainerNetwork | null,
): PostgreSqlContainer {
  const container = new PostgreSqlContainer(image)
    .withName(`${options.id}-postgres`)
    .withLabels(rehearsalLabels(options))
    .withUsername(options.admin.user)
    .withPassword(options.admin.password)
    .withDatabase('postgres')
    .withCommand(['postgres', ...serverArguments(throwawaySettings)])
    .withAutoCleanup(!options.keep)
    // The module's own health check carries the password in its arguments; waitForServer does not need it.
    .withHealthCheck({ test: ['CMD', 'true'], interval: 3_600_000, timeout: 1000, retries: 1, startPeriod: 0 })
    .withWaitStrategy(new AlreadyStarted());
  return network === null ? container : container.withNetworkMode(network.id);
}

type ContainerHandle = ReturnType<ContainerRuntimeClient['container']['getById']>;

async function assertRunning(container: ContainerHandle): Promise<void> {
  const { State: state } = await container.inspect();
  if (state.Running) return;
  const log = await container.logs({ stdout: true, stderr: true, tail: 20 });
  const message = `The PostgreSQL container ended with status ${state.ExitCode} while it started:\n`;
  throw new RehearsalError('SERVER_NOT_STARTED', message + readableLog(log));
}

async function createNetwork({ container }: ContainerRuntimeClient, options: StartOptions): Promise<ContainerNetwork> {
  const { id } = options;
  const network = await container.dockerode.createNetwork({ Name: id, Labels: rehearsalLabels(options) });
  return { id: network.id, host: `${id}-postgres`, port: postgresPort };
}

async function imageDigest(client: ContainerRuntimeClient, image: string): Promise<string> {
  const { RepoDigests: digests, Id: id } = await client.image.inspect(ImageName.fromString(image));
  return digests[0]?.split('@')[1] ?? id;
}

async function toolVersions(runTool: DisposableServer['runTool'], admin: Connection): Promise<Record<string, string>> {
  const tools = ['pg_dump', 'pg_restore', 'psql'] as const;
  const versions = await Promise.all(
    tools.map(async (tool) => {
      const { stdout } = await runTool({ tool, args: ['--version'], ...admin, timeoutMs: 10_000 });
      return [tool, /\d[\w.]*/.exec(stdout)?.[0] ?? 'unknown'] as const;
    }),
  );
  return Object.fromEntries(versions);
}
