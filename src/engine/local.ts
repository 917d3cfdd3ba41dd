import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { unprivilegedAccount, type Account } from '../process/account.ts';
import { runCommand } from '../process/run.ts';
import { startService, type Service } from '../process/service.ts';
import type { Connection } from '../postgres/connection.ts';
import { libpqEnvironment, type ToolCall } from '../postgres/tool.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import type { DisposableServer, Engine, StartOptions, Unavailable } from './engine.ts';
import { findFreePort } from './free-port.ts';
import { choosePrograms, findLocalPrograms, oldestMajor, type LocalPrograms } from './local-programs.ts';
import { serverArguments, throwawaySettings } from './throwaway-settings.ts';
import { waitForServer } from './wait-for-server.ts';

const initdbTimeoutMs = 120_000;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** Finds out whether this machine's own PostgreSQL programs can provide a server. `wantedMajor` is preferred. */
export async function probeLocal(environment: Environment, wantedMajor: number | null): Promise<Engine | Unavailable> {
  const { path, postgresBinDirectory } = environment;
  const programs = choosePrograms(await findLocalPrograms(postgresBinDirectory, path), wantedMajor);
  if (programs === undefined) return missingPrograms(postgresBinDirectory);
  const account = await unprivilegedAccount(path);
  if (process.getuid?.() === 0 && account === null) {
    return {
      reason: 'PostgreSQL refuses to run as root, and there is no account "postgres" or "nobody" to run it under',
      remedy: 'run the rehearsal as an ordinary user',
    };
  }
  const other = wantedMajor === null || wantedMajor === programs.major ? '' : `, not of the profile's ${wantedMajor}`;
  return {
    name: 'local',
    reason: `programs from ${programs.directory}${other}`,
    start: (options) => startLocal(programs, account, path, options),
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
  programs: LocalPrograms,
  account: Account | null,
  path: string,
  options: StartOptions,
): Promise<DisposableServer> {
  // The socket's path has to fit into 107 bytes, so names are short here.
  const directory = join(options.directory, 'pg');
  await mkdir(directory, { mode: 0o700 });
  if (account !== null) {
    await chown(directory, account.uid, account.gid);
    // The other account may pass through, and still neither list nor read what is ours.
    await chmod(options.directory, 0o711);
  }
  const cluster: Cluster = {
    programs,
    account,
    path,
    directory,
    privateDirectory: options.directory,
    dataDirectory: join(directory, 'data'),
  };
  await initialiseCluster(cluster, options);
  const { service, admin, serverVersion } = await startServer(cluster, options);
  const version = programs.version;
  return {
    engine: 'local',
    serverVersion,
    admin,
    image: null,
    imageDigest: null,
    tools: { pg_dump: version, pg_restore: version, psql: version },
    settings: throwawaySettings,
    containerNetwork: null,
    runTool: (call) => runLocalTool(cluster, admin.port, call),
    endCommand: `kill -INT ${service.pid} && sleep 1 && rm -r ${options.directory}`,
    async [Symbol.asyncDispose]() {
      if (options.keep) {
        service.release();
        return;
      }
      // Immediate shutdown: there is nothing in this cluster that is worth a checkpoint.
      await service.stop('SIGQUIT', stopTimeoutMs);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Cluster {
  programs: LocalPrograms;
  account: Account | null;
  path: string;
  directory: string;
  /** Belongs to the harness's own account, as its tools do. */
  privateDirectory: string;
  dataDirectory: string;
}

async function initialiseCluster(cluster: Cluster, { admin, signal }: StartOptions): Promise<void> {
  const { programs, account, path, directory, dataDirectory } = cluster;
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, admin.password, { mode: 0o600 });
  if (account !== null) await chown(passwordFile, account.uid, account.gid);
  const { exitCode, stderr } = await runCommand({
    file: join(programs.directory, 'initdb'),
    args: [
      `--pgdata=${dataDirectory}`,
      `--username=${admin.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The locale of Debian's and Docker's images without a language; macOS has no C.UTF-8.
      `--locale=${process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`,
      '--no-sync',
    ],
    env: { PATH: path, LC_ALL: process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8' },
    cwd: directory,
    account,
    timeoutMs: initdbTimeoutMs,
    signal,
  }).finally(() => rm(passwordFile, { force: true }));
  if (exitCode === 0) return;
  throw new RehearsalError('SERVER_NOT_STARTED', `initdb failed with status ${exitCode}:\n${stderr.trim()}`);
}

interface Running {
  service: Service;
  admin: Connection;
  serverVersion: string;
}

/** Between choosing a free port and taking it, somebody else may take it: then another one is tried. */
async function startServer(cluster: Cluster, options: StartOptions, attemptsLeft = 3): Promise<Running> {
  const port = await findFreePort();
  const service = startService(serverCommand(cluster, port));
  const admin: Connection = { host: '127.0.0.1', port, ...options.admin, database: 'postgres' };
  try {
    const serverVersion = await waitForServer(
      admin,
      () => {
        assertRunning(service, port);
      },
      startTimeoutMs,
      options.signal,
    );
    return { service, admin, serverVersion };
  } catch (error) {
    await service.stop('SIGQUIT', stopTimeoutMs);
    const taken = error instanceof RehearsalError && error.code === 'PORT_TAKEN';
    if (taken && attemptsLeft > 1) return startServer(cluster, options, attemptsLeft - 1);
    throw error;
  }
}

function serverCommand({ programs, account, path, directory, dataDirectory }: Cluster, port: number) {
  const settings = {
    ...throwawaySettings,
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: quoteListElement(directory),
    unix_socket_permissions: '0700',
  };
  return {
    file: join(programs.directory, 'postgres'),
    args: ['-D', dataDirectory, ...serverArguments(settings)],
    env: { PATH: path, LC_ALL: 'C' },
    cwd: directory,
    account,
  };
}

/** unix_socket_directories is a list: an element that holds a comma, blank or quote has to be quoted. */
function quoteListElement(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

function assertRunning(service: Service, port: number): void {
  if (service.exit() === null) return;
  const lines = service.lastLines(20).join('\n');
  if (/Address already in use/.test(lines)) {
    throw new RehearsalError(
      'PORT_TAKEN',
      `Port ${port} on 127.0.0.1 was taken while the server started. Start again.`,
    );
  }
  throw new RehearsalError('SERVER_NOT_STARTED', `The PostgreSQL server ended while it started:\n${lines}`);
}

async function runLocalTool(cluster: Cluster, port: number, call: ToolCall) {
  const { tool, args, stdinFile, editStdin, textFile, consumeStdout, timeoutMs, signal } = call;
  const file = textFile === undefined ? null : join(cluster.privateDirectory, `${randomUUID()}.txt`);
  if (file !== null) await writeFile(file, textFile?.content ?? '', { mode: 0o600 });
  try {
    return await runCommand({
      file: join(cluster.programs.directory, tool),
      args: file === null ? args : [`${textFile?.flag ?? ''}=${file}`, ...args],
      env: { PATH: cluster.path, PGHOST: '127.0.0.1', PGPORT: String(port), ...libpqEnvironment(call) },
      timeoutMs,
      signal,
      ...(stdinFile !== undefined && { stdinFile }),
      ...(editStdin && { editStdin }),
      ...(consumeStdout && { consumeStdout }),
    });
  } finally {
    if (file !== null) await rm(file, { force: true });
  }
}
