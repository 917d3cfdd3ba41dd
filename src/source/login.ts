import pg from 'pg';
import { oldestMajor } from '../engine/local-programs.ts';
import { majorVersion } from '../postgres/version.ts';
import { disconnect, type Connection } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import { OperationalError } from '../system/operational-error.ts';

const questionTimeoutMs = 30_000;

/**
 * Asks a server for its version, to see whether it can be read at all.
 * @param description where it is, without a password
 * @param passwordFrom where a password is looked for, for people
 * @throws OperationalError LOGIN_REFUSED, SERVER_LOST or SOURCE_TOO_OLD
 */
export async function askVersion(connection: Connection, description: string, passwordFrom: string): Promise<string> {
  const client = await login(connection, description, passwordFrom);
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const version = rows[0]?.server_version.split(' ', 1)[0] ?? '';
    if (majorVersion(version) >= oldestMajor) return version;
    const message = `The server of ${description} is PostgreSQL ${version}; only ${oldestMajor} and newer can be compared exactly.`;
    throw new OperationalError(
      'SOURCE_TOO_OLD',
      `${message} Back it up with pg_dump alone; such a dump can be rehearsed.`,
    );
  } finally {
    await disconnect(client);
  }
}

async function login(connection: Connection, description: string, passwordFrom: string): Promise<pg.Client> {
  try {
    return await connectToSource(connection, { timeoutMs: questionTimeoutMs });
  } catch (error) {
    if (error instanceof pg.DatabaseError) {
      const next =
        error.code === tooManyConnections
          ? 'See the connection limits of role, database and server, or start again later.'
          : `See the names of user and database, the password (${passwordFrom}) and pg_hba.conf.`;
      const message = `The server refuses the login ${description}: ${error.message}. ${next}`;
      throw new OperationalError('LOGIN_REFUSED', message, { cause: error });
    }
    if (!(error instanceof OperationalError) || error.code !== 'SERVER_LOST') throw error;
    if (error.cause instanceof Error && /client password must be/.test(error.cause.message)) {
      const message = `The server asks for a password for the login ${description}, and there is none. Give it in ${passwordFrom}.`;
      throw new OperationalError('LOGIN_REFUSED', message, { cause: error });
    }
    const reason = error.cause instanceof Error ? describeReason(error.cause) : error.message;
    const message = `The server of ${description} cannot be reached: ${reason}. See whether it runs, and host and port.`;
    throw new OperationalError('SERVER_LOST', message, { cause: error });
  }
}

const tooManyConnections = '53300';

/** Where a name has several addresses, Node.js gives the errors of all of them, and no message. */
function describeReason(error: Error): string {
  return error instanceof AggregateError
    ? error.errors.map((each) => (each as Error).message).join('; ')
    : error.message;
}
