import { rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { PostgreSqlContainer, type StartedPostgreSqlContainer } from '@testcontainers/postgresql';
import { ImageName, type ContainerRuntimeClient } from 'testcontainers';
import type { Environment } from '../system/environment.ts';
import { withClient, type Connection } from '../postgres/connection.ts';
import { registerStarted, unregisterStarted } from '../postgres/disposable.ts';
import type { ToolCall } from '../postgres/tool.ts';
import { majorVersion } from '../postgres/version.ts';
import { OperationalError } from '../system/operational-error.ts';
import {
  AlreadyStarted,
  ensureImage,
  ensureReaper,
  findDocker,
  readableLog,
  rehearsalLabels,
  removeLabelled,
} from './docker-client.ts';
import { SocketPostgreSqlContainer } from './docker-containers.ts';
import { placeInStarted, runToolInContainer } from './docker-exec.ts';
import { removeDockerLeftovers } from './docker-leftovers.ts';
import { answersInNetwork } from './docker-network-check.ts';
import { authenticationFile, OutOfReach, withBestReach, type Reach } from './docker-reach.ts';
import { assertTunnels, openTunnel } from './docker-tunnel.ts';
import type { Address, DisposableServer, Engine, StartOptions, Unavailable } from './engine.ts';
import { lazyForwarder } from '../system/forwarder.ts';
import { postgresPort, socketPath } from './socket.ts';
import { serverArguments, throwawaySettingsFor } from './throwaway-settings.ts';
import { waitForServer } from './wait-for-server.ts';

const startTimeoutMs = 120_000;
const socketMount = '/rehearsal';
const smallDiskMount = '/small';
const listenAddresses = '*';

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
    findDataDirectory: () => findRootDirectory(client),
    removeLeftovers: () => removeDockerLeftovers(client, environment),
  };
}

/** A daemon that is asked by a socket runs here, or in a virtual machine whose directories are not found here. */
async function findRootDirectory({ container: { dockerode } }: ContainerRuntimeClient): Promise<string | null> {
  const { socketPath: socket } = dockerode.modem as { socketPath?: string };
  if (socket === undefined) return null;
  const { DockerRootDir: directory } = (await dockerode.info()) as { DockerRootDir?: string };
  return directory ?? null;
}

async function startDocker(
  client: ContainerRuntimeClient,
  image: string,
  options: StartOptions,
): Promise<DisposableServer> {
  return withBestReach(client, options, async (reach) => {
    try {
      return await startContainer(client, image, options, reach);
    } catch (error) {
      await removeLabelled(client, options.id);
      if (error instanceof OperationalError || error instanceof OutOfReach) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new OperationalError('SERVER_NOT_STARTED', `The container of ${image} could not be started: ${reason}`, {
        cause: error,
      });
    }
  });
}

async function startContainer(
  client: ContainerRuntimeClient,
  image: string,
  options: StartOptions,
  reach: Reach,
): Promise<DisposableServer> {
  const networkId = options.forContainers ? await createNetwork(client, options, reach) : null;
  const container = await describeContainer(image, options, reach, networkId).start();
  const admin: Connection = {
    ...address(container, reach),
    ...options.admin,
    database: options.adminDatabase ?? 'postgres',
  };
  const handle = client.container.getById(container.getId());
  const assertAlive = () => assertRunning(handle);
  const serverVersion = await waitForServer(admin, listenAddresses, assertAlive, startTimeoutMs, options.signal);
  if (networkId !== null && 'socketDirectory' in reach) await assertTunnels(client, handle);
  const runTool = (call: ToolCall) =>
    runToolInContainer(handle, placeInStarted(container), call, { major: majorVersion(serverVersion) });
  const isolation = describeIsolation(reach, networkId);
  const enclosed = 'socketDirectory' in reach;
  const forwarder = enclosed ? lazyForwarder(socketPath(reach.socketDirectory)) : null;
  const inNetwork = { host: `${options.id}-postgres`, port: postgresPort };
  return {
    engine: 'docker',
    serverVersion,
    admin: registerStarted(admin),
    isolation,
    image,
    imageDigest: await imageDigest(client, image),
    tools: await toolVersions(runTool, admin),
    settings: throwawaySettingsFor(options.objects ?? 0, options.settings),
    containerNetwork:
      networkId === null
        ? null
        : {
            id: networkId,
            ...inNetwork,
            isolation,
            openTunnel: enclosed ? (to) => openTunnel(handle, to) : null,
            serverAnswers: () => answersInNetwork(client, image, options, { id: networkId, ...inNetwork, enclosed }),
          },
    smallDisk: options.smallDisk === true ? await makeSmallDisk(admin) : null,
    runTool,
    endCommand: [
      `docker rm --force --volumes ${options.id}-postgres`,
      ...(networkId === null ? [] : [`docker network rm ${options.id}`]),
      `rm -r ${options.directory}`,
    ].join(' && '),
    openPort: () => forwarder?.start() ?? Promise.resolve(admin),
    crash: async () => {
      await handle.kill({ signal: 'SIGKILL' });
    },
    async [Symbol.asyncDispose]() {
      unregisterStarted(admin);
      await forwarder?.[Symbol.asyncDispose]();
      if (options.keep) return;
      await removeLabelled(client, options.id);
      if ('socketDirectory' in reach) await rm(reach.socketDirectory, { recursive: true, force: true });
    },
  };
}

function address(container: StartedPostgreSqlContainer, reach: Reach): Address {
  return 'socketDirectory' in reach
    ? { host: reach.socketDirectory, port: postgresPort }
    : { host: container.getHost(), port: container.getPort() };
}

function describeIsolation(reach: Reach, networkId: string | null): string {
  if ('publishedBecause' in reach) {
    return `a published port of a bridge network: what runs in it can reach the network, for ${reach.publishedBecause}`;
  }
  return networkId === null
    ? 'a container without a network, Unix socket only'
    : 'an internal Docker network without a way out, to this machine neither';
}

/** The server makes the directory, so that it belongs to its account, whose number is the image's own affair. */
async function makeSmallDisk(admin: Connection): Promise<string> {
  const directory = `${smallDiskMount}/tablespace`;
  await withClient(admin, (client) => client.query(`copy (select) to program 'mkdir -m 700 ${directory}'`));
  return directory;
}

function describeContainer(image: string, options: StartOptions, reach: Reach, networkId: string | null) {
  const settings: Record<string, string> = {
    ...throwawaySettingsFor(options.objects ?? 0, options.settings),
    listen_addresses: listenAddresses,
  };
  let container: PostgreSqlContainer;
  if ('socketDirectory' in reach) {
    settings['unix_socket_directories'] = `/var/run/postgresql,${socketMount}`;
    settings['hba_file'] = `${socketMount}/${authenticationFile}`;
    container = new SocketPostgreSqlContainer(image)
      .withMount(reach.socketDirectory, socketMount)
      .withNetworkMode(networkId ?? 'none');
  } else {
    container = new PostgreSqlContainer(image);
    if (networkId !== null) container.withNetworkMode(networkId);
  }
  if (options.smallDisk === true) container.withTmpFs({ [smallDiskMount]: 'rw,size=24m,mode=1777' });
  return (
    container
      .withName(`${options.id}-postgres`)
      .withLabels(rehearsalLabels(options))
      .withUsername(options.admin.user)
      .withPassword(options.admin.password)
      .withDatabase('postgres')
      .withCommand(['postgres', ...serverArguments(settings)])
      .withAutoCleanup(!options.keep)
      // Docker gives 64 MB, which a parallel query can fill: half of the memory, as /dev/shm has by default. It is taken when used.
      .withSharedMemorySize(Math.floor(totalmem() / 2))
      // The module's own health check carries the password in its arguments; waitForServer does not need it.
      .withHealthCheck({ test: ['CMD', 'true'], interval: 3_600_000, timeout: 1000, retries: 1, startPeriod: 0 })
      .withWaitStrategy(new AlreadyStarted())
  );
}

type ContainerHandle = ReturnType<ContainerRuntimeClient['container']['getById']>;

async function assertRunning(container: ContainerHandle): Promise<void> {
  const { State: state } = await container.inspect();
  if (state.Running) return;
  const log = await container.logs({ stdout: true, stderr: true, tail: 20 });
  const message = `The PostgreSQL container ended with status ${state.ExitCode} while it started:\n`;
  throw new OperationalError('SERVER_NOT_STARTED', message + readableLog(log));
}

/** An internal network still has an address of this machine, and all others behind it; without that address, none. */
async function createNetwork(
  { container }: ContainerRuntimeClient,
  options: StartOptions,
  reach: Reach,
): Promise<string> {
  const enclosed = {
    Internal: true,
    Options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
  };
  const network = await container.dockerode.createNetwork({
    Name: options.id,
    Labels: rehearsalLabels(options),
    ...('socketDirectory' in reach && enclosed),
  });
  return network.id;
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
