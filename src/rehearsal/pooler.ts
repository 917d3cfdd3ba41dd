import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDirectory, writePrivateFile } from '../engine/account-files.ts';
import type { Address } from '../engine/engine.ts';
import type { Connection } from '../postgres/connection.ts';
import { randomPassword } from '../postgres/random-login.ts';
import { canConnect } from '../postgres/tool-errors.ts';
import { unprivilegedAccount } from '../system/account.ts';
import { findFreePort } from '../system/free-port.ts';
import { OperationalError } from '../system/operational-error.ts';
import { runProgram } from '../system/run-program.ts';
import { startService } from '../system/service.ts';
import type { Login } from '../postgres/reader.ts';

const modes = ['transaction', 'session'] as const;

/** A pgbouncer before a server, with a pool of each mode for one database. */
export interface Pooler extends AsyncDisposable {
  version: string;
  pools: { mode: (typeof modes)[number]; address: Pick<Connection, 'host' | 'port' | 'database'> }[];
  /** Where its admin console is, and who may use it. */
  console: Connection;
}

/** Where Debian has it, which is not in everybody's path. */
const furtherPath = '/usr/sbin';
const startTimeoutMs = 10_000;
const stopTimeoutMs = 2000;

/** The version of the pgbouncer of this machine; null where there is none. */
export async function findPgbouncer(path: string): Promise<string | null> {
  try {
    const { exitCode, stdout } = await runProgram({
      ...{ file: 'pgbouncer', args: ['--version'], env: { PATH: `${path}:${furtherPath}` } },
      ...{ cwd: '/', timeoutMs: startTimeoutMs },
    });
    return exitCode === 0 ? (/\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? null) : null;
  } catch {
    return null;
  }
}

/**
 * Starts one on the loopback interface.
 * @param directory for its files, which is there not yet
 * @param logins who go through it
 */
export async function startPooler(
  { address, database, logins }: { address: Address; database: string; logins: Login[] },
  { directory, path, version }: { directory: string; path: string; version: string },
): Promise<Pooler> {
  const account = await unprivilegedAccount(path);
  // The other account has to pass through.
  if (account !== null) await chmod(dirname(directory), 0o711);
  await makeDirectory(directory, account);
  const port = await findFreePort();
  const [settings, users] = ['pgbouncer.ini', 'users.txt'].map((name) => join(directory, name)) as [string, string];
  const admin = { user: 'rehearsal_console', password: randomPassword() };
  await writePrivateFile(users, [...logins, admin].map(userLine).join(''), account);
  await writePrivateFile(settings, settingsOf({ address, database, port, users, admin: admin.user }), account);
  const service = startService({
    ...{ file: 'pgbouncer', args: ['--quiet', settings], env: { PATH: `${path}:${furtherPath}` } },
    ...{ cwd: directory, account },
  });
  const at = { host: '127.0.0.1', port };
  const console = { ...at, ...admin, database: 'pgbouncer' };
  const pools = modes.map((mode) => ({ mode, address: { ...at, database: mode } }));
  const stop = () => service.stop('SIGQUIT', stopTimeoutMs);
  const [first] = logins;
  const deadline = performance.now() + startTimeoutMs;
  while (first !== undefined && !(await canConnect({ ...at, ...first, database: modes[0], pooled: true }))) {
    if (service.exit() !== null || performance.now() > deadline) {
      await stop();
      const message = `pgbouncer ${version} does not let clients through: ${service.lastLines(3).join('\n')}`;
      throw new OperationalError('SERVER_NOT_STARTED', message);
    }
    await delay(20);
  }
  return { version, pools, console, [Symbol.asyncDispose]: stop };
}

interface PoolerSettings {
  address: Address;
  database: string;
  port: number;
  users: string;
  admin: string;
}

function settingsOf({ address, database, port, users, admin }: PoolerSettings): string {
  const name = `'${database.replaceAll("'", "''")}'`;
  return [
    '[databases]',
    ...modes.map((mode) => `${mode} = host=${address.host} port=${address.port} dbname=${name} pool_mode=${mode}`),
    '[pgbouncer]',
    `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =`,
    `auth_type = scram-sha-256\nauth_file = ${users}`,
    `admin_users = ${admin}`,
    // Two modes and two roles take a few connections each.
    'default_pool_size = 5',
  ].join('\n');
}

function userLine({ user, password }: Login): string {
  const [name, secret] = [user, password].map((each) => `"${each.replaceAll('"', '""')}"`);
  return `${name} ${secret}\n`;
}
