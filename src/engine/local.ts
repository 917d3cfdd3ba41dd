import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Environment } from '../system/environment.ts';
import { unprivilegedAccount } from '../system/account.ts';
import { startService, type Service } from '../system/service.ts';
import type { Connection } from '../postgres/connection.ts';
import { registerStarted, unregisterStarted } from '../postgres/disposable.ts';
import { OperationalError } from '../system/operational-error.ts';
import { makeDirectory } from './account-files.ts';
import { ClusterCache } from './cluster-cache.ts';
import type { DisposableServer, Engine, StartOptions, Unavailable } from './engine.ts';
import { lazyForwarder } from '../system/forwarder.ts';
import { initialiseCluster, type Initialised } from './initialise-cluster.ts';
import type { Cluster, Machine } from './local-cluster.ts';
import { choosePrograms, findLocalPrograms, oldestMajor } from './local-programs.ts';
import { runLocalTool } from './local-tools.ts';
import { probeEnclosure, type Enclosure } from './namespaces.ts';
import { assertSocketPathFits, postgresPort, socketPath } from './socket.ts';
import { serverArguments, throwawaySettingsFor } from './throwaway-settings.ts';
import { waitForServer } from './wait-for-server.ts';

const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** Finds out whether this machine's own PostgreSQL programs can provide a server. `wantedMajor` is preferred. */
export async function probeLocal(environment: Environment, wantedMajor: number | null): Promise<Engine | Unavailable> {
  const { path, postgresBinDirectory, cacheDirectory } = environment;
  const programs = choosePrograms(await findLocalPrograms(postgresBinDirectory, path), wantedMajor);
  if (programs === undefined) return missingPrograms(postgresBinDirectory);
  const account = await unprivilegedAccount(path);
  if (process.getuid?.() === 0 && account === null) {
    return {
      reason: 'PostgreSQL refuses to run as root, and there is no account "postgres" or "nobody" to run it under',
      remedy: 'run the rehearsal as an ordinary user',
    };
  }
  const enclosure = await probeEnclosure(account, path);
  const other = wantedMajor === null || wantedMajor === programs.major ? '' : `, not of the profile's ${wantedMajor}`;
  const cache = cacheDirectory === null ? null : new ClusterCache(join(cacheDirectory, 'clusters'), path);
  return {
    name: 'local',
    reason: `programs from ${programs.directory}${other}`,
    findDataDirectory: (directory) => Promise.resolve(directory),
    start: (options) => startLocal({ programs, account, path, enclosure }, cache, options),
  };
}

function missingPrograms(named: string | null): Unavailable {
  const where = named === null ? 'on this machine' : `in REHEARSAL_PG_BINDIR (${named})`;
  return {
    reason: `there is no complete PostgreSQL ${oldestMajor} or newer ${where} (initdb, postgres, pg_dump, pg_restore and psql)`,
    remedy:
      'apt-get install postgresql, or brew install postgresql@16, or set REHEARSAL_PG_BINDIR to its bin directory',
  };
}

async function startLocal(
  machine: Machine,
  cache: ClusterCache | null,
  options: StartOptions,
): Promise<DisposableServer> {
  const cluster = await makeCluster(machine, options);
  const { service, admin, serverVersion } = await startCluster(cluster, cache, options);
  const forwarder = lazyForwarder(socketPath(cluster.directory));
  const version = machine.programs.version;
  return {
    engine: 'local',
    serverVersion,
    admin: registerStarted(admin),
    isolation: describeIsolation(cluster.enclosure),
    image: null,
    imageDigest: null,
    tools: { pg_dump: version, pg_restore: version, psql: version },
    settings: settingsFor(cluster),
    containerNetwork: null,
    smallDisk: cluster.smallDisk,
    runTool: (call) => runLocalTool(cluster, call),
    endCommand: `kill -INT ${service.pid} && sleep 1 && rm -r ${options.directory}`,
    openPort: forwarder.start,
    crash: () => service.kill(),
    async [Symbol.asyncDispose]() {
      unregisterStarted(admin);
      await forwarder[Symbol.asyncDispose]();
      if (options.keep) {
        service.release();
        return;
      }
      // Immediate shutdown: there is nothing in this cluster that is worth a checkpoint.
      await service.stop('SIGQUIT', stopTimeoutMs);
      await rm(cluster.directory, { recursive: true, force: true });
    },
  };
}

async function makeCluster(machine: Machine, options: StartOptions): Promise<Cluster> {
  // The socket's path has to be short, so names are short here.
  const directory = join(options.directory, 'pg');
  assertSocketPathFits(directory);
  await makeDirectory(directory, machine.account);
  // The other account may pass through, and still neither list nor read what is ours.
  if (machine.account !== null) await chmod(options.directory, 0o711);
  const cluster: Cluster = {
    ...machine,
    privateDirectory: options.directory,
    directory,
    dataDirectory: join(directory, 'data'),
    smallDisk: null,
    objects: options.objects ?? 0,
    settings: options.settings ?? {},
    serverEnclosure: machine.enclosure,
  };
  if (options.smallDisk !== true) return cluster;
  const smallDisk = join(directory, 'small');
  await makeDirectory(smallDisk, machine.account);
  const serverEnclosure = await machine.enclosure.withSmallDisk(smallDisk);
  return serverEnclosure === null ? cluster : { ...cluster, serverEnclosure, smallDisk };
}

function describeIsolation({ shut }: Enclosure): string {
  return shut
    ? 'a network namespace of its own without interfaces, Unix socket only'
    : 'Unix socket only; what runs in it can reach the network, for this system gives it no network namespace of its own';
}

interface Running {
  service: Service;
  admin: Connection;
  serverVersion: string;
}

/** A copy that does not start is forgotten, and initdb makes another. */
async function startCluster(cluster: Cluster, cache: ClusterCache | null, options: StartOptions): Promise<Running> {
  const initialised = await initialiseCluster(cluster, options.admin.user, cache, options.signal);
  try {
    return await startServer(cluster, initialised, options);
  } catch (error) {
    if (!initialised.isCopy || options.signal.aborted) throw error;
    await initialised.forget();
    await rm(cluster.dataDirectory, { recursive: true, force: true });
    return startServer(cluster, await initialiseCluster(cluster, options.admin.user, null, options.signal), options);
  }
}

async function startServer(cluster: Cluster, { password }: Initialised, options: StartOptions): Promise<Running> {
  const service = startService(serverCommand(cluster));
  const admin: Connection = {
    host: cluster.directory,
    port: postgresPort,
    ...options.admin,
    database: options.adminDatabase ?? 'postgres',
  };
  const assertAlive = () => {
    assertRunning(service);
  };
  try {
    const first = { ...admin, password };
    const prepare = (client: pg.Client) => setPassword(client, options.admin);
    const serverVersion = await waitForServer(first, '', assertAlive, startTimeoutMs, options.signal, prepare);
    return { service, admin, serverVersion };
  } catch (error) {
    await service.stop('SIGQUIT', stopTimeoutMs);
    throw error;
  }
}

async function setPassword(client: pg.Client, { user, password }: StartOptions['admin']): Promise<void> {
  await client.query(`alter role ${pg.escapeIdentifier(user)} password ${pg.escapeLiteral(password)}`);
}

function serverCommand(cluster: Cluster) {
  const { programs, account, path, serverEnclosure, directory, privateDirectory, dataDirectory } = cluster;
  const settings = {
    ...settingsFor(cluster),
    port: String(postgresPort),
    listen_addresses: '',
    unix_socket_directories: quoteListElement(directory),
    unix_socket_permissions: '0700',
  };
  return serverEnclosure.enclose({
    file: join(programs.directory, 'postgres'),
    args: ['-D', dataDirectory, ...serverArguments(settings)],
    env: { PATH: path, HOME: privateDirectory, LC_ALL: 'C' },
    cwd: directory,
    account,
  });
}

/** Shared memory of a server that was killed goes away with its namespace only if it is of this kind. */
function settingsFor({ serverEnclosure, objects, settings }: Cluster): Record<string, string> {
  return {
    ...throwawaySettingsFor(objects, settings),
    ...(serverEnclosure.shut && { dynamic_shared_memory_type: 'sysv' }),
  };
}

/** unix_socket_directories is a list: an element that holds a comma, blank or quote has to be quoted. */
function quoteListElement(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

function assertRunning(service: Service): void {
  if (service.exit() === null) return;
  const lines = service.lastLines(20).join('\n');
  throw new OperationalError('SERVER_NOT_STARTED', `The PostgreSQL server ended while it started:\n${lines}`);
}
