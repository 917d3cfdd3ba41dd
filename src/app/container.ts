import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import type { AppProfile } from '../config/profile.ts';
import { AlreadyStarted, ensureImage, readableLog, rehearsalLabels } from '../engine/docker-client.ts';
import { EnclosedContainer } from '../engine/docker-containers.ts';
import { startForwarder } from '../system/forwarder.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Application, ApplicationContext } from './application.ts';
import { describeExit, shownLines } from './command.ts';
import { applicationVariables } from './variables.ts';

/** Starts the application as a container on the database's network. */
export async function startAppContainer(
  image: string,
  app: AppProfile,
  context: ApplicationContext,
): Promise<Application> {
  const { network, database, id, signal } = context;
  if (network === null) {
    const message = `The application is the image ${image}, and a container cannot reach a server of the local engine. Start again with --engine docker, or give the profile an app.command.`;
    throw new OperationalError('APPLICATION_NOT_STARTED', message);
  }
  const client = await getContainerRuntimeClient();
  const missing = await ensureImage(client, image, signal);
  if (missing !== null) {
    throw new OperationalError(
      'APPLICATION_NOT_STARTED',
      `The application cannot be started: ${missing.reason}. To mend it: ${missing.remedy}.`,
    );
  }
  const seen = { ...database, host: network.host, port: network.port };
  const tunnel = network.openTunnel;
  const described =
    tunnel === null ? new GenericContainer(image).withExposedPorts(app.port) : new EnclosedContainer(image);
  const name = `${id}-app`;
  const container = await described
    .withName(name)
    .withLabels(rehearsalLabels({ id, directory: context.home }))
    .withNetworkMode(network.id)
    .withEnvironment({ PORT: String(app.port), ...applicationVariables(app, seen) })
    .withCommand(app.args ?? [])
    .withWaitStrategy(new AlreadyStarted())
    .start();
  const handle = client.container.getById(container.getId());
  const forwarder = tunnel === null ? null : await startForwarder(() => tunnel({ host: name, port: app.port }));
  const { host, port } = forwarder ?? { host: container.getHost(), port: container.getMappedPort(app.port) };
  return {
    baseUrl: `http://${host}:${port}`,
    description: `container of ${image}, on the database's network`,
    isolation: network.isolation,
    readLastLines: () => readLog(handle),
    async readExit() {
      const { State: state } = await handle.inspect();
      if (state.Running) return null;
      return describeExit(`with status ${state.ExitCode}`, await readLog(handle));
    },
    async [Symbol.asyncDispose]() {
      await forwarder?.[Symbol.asyncDispose]();
      await handle.remove({ force: true, v: true });
    },
  };
}

async function readLog(container: { logs(options: LogOptions): Promise<Buffer> }): Promise<string[]> {
  return readableLog(await container.logs({ stdout: true, stderr: true, tail: shownLines })).split('\n');
}

interface LogOptions {
  stdout: true;
  stderr: true;
  tail: number;
}
