import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import { visitContainer } from '../engine/container-visit.ts';
import { findDocker } from '../engine/docker-client.ts';
import { OutOfReach } from '../engine/docker-reach.ts';
import { assertTunnels, findSocket, openTunnel } from '../engine/docker-tunnel.ts';
import { assertSocketPathFits, postgresPort, socketPath } from '../engine/socket.ts';
import type { ToolRunner } from '../postgres/tool.ts';
import { majorVersion } from '../postgres/version.ts';
import { listenOnSocket } from '../system/forwarder.ts';
import { OperationalError } from '../system/operational-error.ts';
import { askServer } from './login.ts';

/** A service of a Compose project. */
export interface ComposeService {
  service: string;
  /** Needed where several projects have a service of that name. */
  project: string | null;
}

/** The container of a Compose service, with a way to the server in it. What is open goes when it is disposed of. */
export interface ComposeContainer extends AsyncDisposable {
  readonly name: string;
  /** Directory of a socket of this machine that leads to the server. */
  readonly host: string;
  readonly port: number;
  /** A variable of the container's environment; null where it has none of that name. */
  readonly variable: (name: string) => string | null;
  /**
   * Finds out how the server lets a login in, as askServer does: by its socket in the container, as for `docker compose exec`,
   * or from the container's own 127.0.0.1 where it refuses that.
   */
  readonly askServer: typeof askServer;
  /** How a line of pg_hba.conf starts that is about these logins. */
  readonly hbaLine: () => string;
  /** The container's own client programs. */
  readonly toolsFor: (serverVersion: string) => ToolRunner;
}

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;

/**
 * Opens the container of a Compose service, as `docker compose exec` reaches it: with its own client programs, and without a
 * published port.
 * @param directory private directory for the socket that leads there
 * @throws OperationalError SOURCE_NOT_FOUND
 */
export async function openComposeContainer(
  wanted: ComposeService,
  directory: string,
  signal: AbortSignal,
): Promise<ComposeContainer> {
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
  const host = join(directory, 'source');
  assertSocketPathFits(host);
  await mkdir(host, { mode: 0o700 });
  const bySocket = await findSocket(client, container, sockets);
  let way: Way = bySocket ?? byAddress;
  const forwarder = await listenOnSocket(socketPath(host), () => openTunnel(container, way));
  const close = async () => {
    await forwarder[Symbol.asyncDispose]();
    await rm(host, { recursive: true, force: true });
  };
  try {
    const { Config: config } = await container.inspect();
    const visit = await visitContainer(container);
    return {
      name,
      host,
      port: postgresPort,
      variable: (key) => config.Env.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? null,
      askServer: async (...login) => {
        try {
          return await askServer(...login);
        } catch (error) {
          if (way === byAddress || !(error instanceof OperationalError) || error.code !== 'LOGIN_REFUSED') throw error;
          way = byAddress;
          return askServer(...login);
        }
      },
      hbaLine: () => ('path' in way ? 'local all all' : `host all all ${way.host}/32`),
      toolsFor: (serverVersion) =>
        visit.toolsFor({ major: majorVersion(serverVersion) }, 'path' in way ? dirname(way.path) : way.host),
      async [Symbol.asyncDispose]() {
        await visit[Symbol.asyncDispose]();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Way = Parameters<typeof openTunnel>[1];

const byAddress = { host: '127.0.0.1', port: postgresPort };
/** Where Debian and the official images have it, and PostgreSQL itself. */
const sockets = ['/var/run/postgresql', '/tmp'].map(socketPath);

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
    if (only.State === 'paused') {
      const message = `The container of the Compose service ${service} is paused. Let it go on with docker compose unpause ${service}.`;
      throw new OperationalError('SOURCE_NOT_FOUND', message);
    }
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
  const isOneProject = new Set(found.map(({ Labels: own }) => own[labels.project])).size === 1;
  const next = isOneProject
    ? 'Each is a server of its own: name one by its port, with --url'
    : 'Name the project with --compose-project';
  const message = `${found.length} containers run the Compose service ${service}${where}: ${several.join(', ')}. ${next}.`;
  throw new OperationalError('SOURCE_NOT_FOUND', message);
}
