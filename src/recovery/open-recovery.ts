import { clientTools } from '../source/client-tools.ts';
import { describeAddress, type DatabaseAddress } from '../source/database-url.ts';
import { askServer } from '../source/login.ts';
import { findFittingPrograms } from '../source/url-source.ts';
import type { Environment } from '../system/environment.ts';
import type { PoolerConsole } from './pooler-console.ts';
import { RecoveryServer } from './recovery-server.ts';

/**
 * Opens a server whose address is given, with this machine's client programs.
 * @param live name of the database beside which backups are restored
 * @param home directory for the programs to take for their home
 * @param pooler lets clients wait while names are exchanged
 * @throws OperationalError BAD_USAGE, LOGIN_REFUSED, POOLER_IN_BETWEEN, SERVER_LOST, SOURCE_TOO_OLD, TOOL_TOO_OLD or SWITCH_FAILED
 */
export async function openRecovery(
  live: string,
  address: DatabaseAddress,
  environment: Environment,
  home: string,
  pooler: PoolerConsole | null = null,
): Promise<RecoveryServer> {
  const answer = await askServer(address.connection, describeAddress(address.connection), 'PGPASSWORD or ~/.pgpass');
  const { connection, version: serverVersion } = answer;
  const programs = await findFittingPrograms(environment, serverVersion);
  return RecoveryServer.open(
    live,
    connection,
    clientTools({ programs, path: environment.path, home, serverVersion }, { ...address, connection }),
    { pooler },
  );
}
