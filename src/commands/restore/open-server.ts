import type { LoadedProfile } from '../../config/load-profile.ts';
import type { Connection } from '../../postgres/connection.ts';
import { openRecovery } from '../../recovery/open-recovery.ts';
import { PoolerConsole } from '../../recovery/pooler-console.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import { readDatabaseUrl, urlWithoutPassword, type DatabaseAddress } from '../../source/database-url.ts';
import type { Environment } from '../../system/environment.ts';
import { say } from '../say.ts';
import type { Task } from './task.ts';

/** The flags that lead to the server, as a command to be typed next has them: without a password. */
export interface Places {
  url: string | null;
  composeService: string | null;
  composeProject: string | null;
  composeUser: string | null;
  pooler: string | null;
}

/** What flags say of the server, looked at before anything is opened. */
export interface NamedServer {
  places: Places;
  /** @param directory private; what is put there goes with the server */
  open(directory: string, signal: AbortSignal): Promise<RecoveryServer>;
}

/** @throws OperationalError BAD_USAGE */
export async function nameServer(
  { server, pooler: poolerUrl }: Pick<Task, 'server' | 'pooler'>,
  { database, backups }: Pick<LoadedProfile['profile'], 'database' | 'backups'>,
  environment: Environment,
): Promise<NamedServer> {
  const live = database.name;
  const console = poolerUrl === null ? null : await readDatabaseUrl(poolerUrl, environment);
  const pooler = console && urlWithoutPassword(console);
  const openConsole = async () => console && (await openPooler(console.connection, live));
  if ('url' in server) {
    const address: DatabaseAddress = await readDatabaseUrl(server.url, environment);
    const none = { composeService: null, composeProject: null, composeUser: null };
    return {
      places: { ...none, url: urlWithoutPassword(address), pooler },
      open: async (directory) => openRecovery(live, address, environment, directory, await openConsole()),
    };
  }
  const { composeService, composeProject, composeUser } = server;
  const wanted = {
    service: composeService,
    project: composeProject ?? backups?.composeProject ?? null,
    user: composeUser,
    password: environment.databasePassword,
  };
  return {
    places: { url: null, composeService, composeProject, composeUser, pooler },
    async open(directory, signal) {
      // Testcontainers takes half a second to load: only those who use it wait for it.
      const { openInCompose } = await import('../../recovery/open-in-compose.ts');
      return openInCompose(live, wanted, directory, signal, await openConsole());
    },
  };
}

async function openPooler(connection: Connection, database: string): Promise<PoolerConsole> {
  const pooler = new PoolerConsole(connection, database);
  const left = await pooler.resumeLeft();
  if (left.length > 0) say(`clients of ${left.join(', ')} were left waiting in pgbouncer, and go on now`);
  return pooler;
}
