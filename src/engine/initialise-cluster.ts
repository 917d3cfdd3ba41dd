import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { OperationalError } from '../system/operational-error.ts';
import { runProgram } from '../system/run-program.ts';
import { writePrivateFile } from './account-files.ts';
import { cacheKey, readBootId, type ClusterCache } from './cluster-cache.ts';
import type { Cluster } from './local-cluster.ts';

const initdbTimeoutMs = 120_000;

/** The locale of Debian's and Docker's images without a language; macOS has no C.UTF-8. */
const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';

export interface Initialised {
  /** Of the superuser: for the first session, which gives it another. */
  password: string;
  isCopy: boolean;
  /** Removes what it is a copy of. */
  forget: () => Promise<void>;
}

/**
 * Makes the data directory of a cluster, as a copy of one that was made before where there is one.
 * @throws OperationalError SERVER_NOT_STARTED
 */
export async function initialiseCluster(
  cluster: Cluster,
  user: string,
  cache: ClusterCache | null,
  signal: AbortSignal,
): Promise<Initialised> {
  const key = cache === null ? null : await keyOf(cluster, user);
  if (cache === null || key === null) {
    return { password: await runInitdb(cluster, user, signal), isCopy: false, forget: () => Promise.resolve() };
  }
  const forget = () => cache.remove(key);
  const copied = await cache.copyTo(cluster.dataDirectory, key, signal);
  if (copied !== null) return { password: copied, isCopy: true, forget };
  const password = await runInitdb(cluster, user, signal);
  await cache.keep(cluster.dataDirectory, key, password, signal);
  return { password, isCopy: false, forget };
}

/** Another version of a package may have programs of the same version. */
async function keyOf({ programs, account }: Cluster, user: string): Promise<string | null> {
  const boot = await readBootId();
  if (boot === null) return null;
  const files = await Promise.all(
    ['initdb', 'postgres'].map(async (name) => {
      const { size, mtimeMs } = await stat(join(programs.directory, name));
      return [size, mtimeMs];
    }),
  );
  const uid = account?.uid ?? process.getuid?.() ?? null;
  return cacheKey([boot, programs.directory, programs.version, ...files.flat(), uid, user, locale]);
}

async function runInitdb(cluster: Cluster, user: string, signal: AbortSignal): Promise<string> {
  const { programs, account, path, directory, privateDirectory, dataDirectory } = cluster;
  const password = randomBytes(24).toString('hex');
  const passwordFile = join(directory, 'password');
  await writePrivateFile(passwordFile, password, account);
  const { exitCode, stderr } = await runProgram({
    file: join(programs.directory, 'initdb'),
    args: [
      `--pgdata=${dataDirectory}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      `--locale=${locale}`,
      '--no-sync',
    ],
    env: { PATH: path, HOME: privateDirectory, LC_ALL: locale },
    cwd: directory,
    account,
    timeoutMs: initdbTimeoutMs,
    signal,
  }).finally(() => rm(passwordFile, { force: true }));
  if (exitCode === 0) return password;
  throw new OperationalError('SERVER_NOT_STARTED', `initdb failed with status ${exitCode}:\n${stderr.trim()}`);
}
