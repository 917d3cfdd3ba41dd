import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import { findDocker } from '../engine/docker-client.ts';
import { runToolInContainer, type Copying } from '../engine/docker-exec.ts';
import { OutOfReach } from '../engine/docker-reach.ts';
import { assertTunnels, openTunnel } from '../engine/docker-tunnel.ts';
import { listenOnSocket } from '../system/forwarder.ts';
import { assertSocketPathFits, postgresPort, socketPath } from '../engine/socket.ts';
import type { Connection } from '../postgres/connection.ts';
import { majorVersion } from '../postgres/version.ts';
import { OperationalError } from '../system/operational-error.ts';
import { askServer } from './login.ts';
import { onlyDumps } from './only-dumps.ts';
import type { SourceServer } from './source-server.ts';

/** The service of a Compose project whose container is read from inside. */
export interface ComposeService {
  service: string;
  /** Needed where several projects have a service of that name. */
  project: string | null;
  database: string;
  user: string;
  /** Not needed where the container trusts its own address, as the official image does. */
  password: string | null;
}

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;

/**
 * A server in the container of a Compose service, as the runbook's `docker compose exec` reaches it: with the container's
 * own pg_dump, and no published port.
 * @param directory private directory for the socket that leads there
 * @throws OperationalError SOURCE_NOT_FOUND, LOGIN_REFUSED, SERVER_LOST or SOURCE_TOO_OLD
 */
export async function openComposeService(
  wanted: ComposeService,
  directory: string,
  signal: AbortSignal,
): Promise<SourceServer> {
  const client = await findDocker(signal);
  if ('remedy' in client) {
    throw new OperationalError(
      'SOURCE_NOT_FOUND',
      `The service ${wanted.service} cannot be looked for: ${client.reason}. To mend it: ${client.remedy}.`,
    );
  }
  const { name, container } = await findContainer(client, wanted);
  await assertTunnels(client, container).catch((error: unknown) => {
    if (!(error instanceof OutOfReach)) throw error;
    throw new OperationalError(
      'SOURCE_NOT_FOUND',
      `The container ${name} cannot be read: ${error.message}. Use --url.`,
    );
  });
  const socketDirectory = join(directory, 'source');
  assertSocketPathFits(socketDirectory);
  await mkdir(socketDirectory, { mode: 0o700 });
  const forwarder = await listenOnSocket(socketPath(socketDirectory), () =>
    openTunnel(container, { host: '127.0.0.1', port: postgresPort }),
  );
  const { user, database, password } = wanted;
  const connection: Connection = {
    host: socketDirectory,
    port: postgresPort,
    user,
    database,
    password: password ?? '',
  };
  const description = `${user}@${database} in the container ${name}`;
  try {
    const { version: serverVersion } = await askServer(connection, description, 'PGPASSWORD');
    const of = { major: majorVersion(serverVersion) };
    const { runTool } = onlyDumps((call) => runToolInContainer(container, noFiles, call, of, { leash: true }));
    return {
      runTool,
      connection,
      serverVersion,
      dumpVersion: await askDumpVersion(runTool, connection),
      description,
      writesHere: false,
      secrets: [connection.password],
      async [Symbol.asyncDispose]() {
        await forwarder[Symbol.asyncDispose]();
        await rm(socketDirectory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await forwarder[Symbol.asyncDispose]();
    throw error;
  }
}

/** Labels that Compose gives to every container of a project. See its "compose-spec". */
const labels = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  /** `True` on those of `docker compose run`, which are not the service itself. */
  oneOff: 'com.docker.compose.oneoff',
};

async function findContainer(
  { container: docker }: ContainerRuntimeClient,
  { service, project }: ComposeService,
): Promise<{ name: string; container: Container }> {
  const all = await docker.dockerode.listContainers({ filters: { label: [labels.service] } });
  const running = all.filter(({ Labels: own }) => own[labels.oneOff] !== 'True');
  const found = running.filter(
    ({ Labels: own }) => own[labels.service] === service && (project === null || own[labels.project] === project),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    return { name: only.Names[0]?.slice(1) ?? only.Id, container: docker.getById(only.Id) };
  }
  const where = project === null ? '' : ` of the project ${project}`;
  if (only === undefined) {
    const there = running.map(({ Labels: own }) => `${own[labels.project] ?? ''}/${own[labels.service] ?? ''}`);
    const message = `No container of the Compose service ${service}${where} is running. ${there.length === 0 ? 'No container of any other service is' : `These are: ${there.join(', ')}`}. Start it with docker compose up -d ${service}.`;
    throw new OperationalError('SOURCE_NOT_FOUND', message);
  }
  const several = found.map(
    ({ Labels: own, Names: [name] }) => `${name?.slice(1) ?? ''} (${own[labels.project] ?? ''})`,
  );
  const message = `${found.length} containers run the Compose service ${service}${where}: ${several.join(', ')}. Name the project with --compose-project.`;
  throw new OperationalError('SOURCE_NOT_FOUND', message);
}

async function askDumpVersion(runTool: SourceServer['runTool'], target: Connection): Promise<string> {
  const { stdout } = await runTool({ tool: 'pg_dump', args: ['--version'], ...target, timeoutMs: 10_000 });
  return /\d[\w.]*/.exec(stdout)?.[0] ?? 'unknown';
}

const refuse = () => Promise.reject(new Error('A source is only read.'));
/** Nothing is ever put into a container that is only read. */
const noFiles: Copying = {
  copyContentToContainer: refuse,
  copyFilesToContainer: refuse,
  copyDirectoriesToContainer: refuse,
};
