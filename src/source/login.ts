import pg from 'pg';
import { oldestMajor } from '../engine/local-programs.ts';
import { majorVersion } from '../postgres/version.ts';
import { disconnect, type Connection } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import { OperationalError } from '../system/operational-error.ts';
import { assertSessionsAreKept, refusesOptions } from './pooler.ts';

const questionTimeoutMs = 30_000;

/** What has to be known of a server before it is read. */
export interface ServerAnswer {
  /** As the server says it, for example `16.4`. */
  version: string;
  /** The connection, with what stands between. */
  connection: Connection;
}

/**
 * Asks a server for its version, to see whether it can be read at all, and finds out whether a pooler stands before it.
 * @param description where it is, without a password
 * @param passwordFrom where a password is looked for, for people
 * @throws OperationalError LOGIN_REFUSED, SERVER_LOST, POOLER_IN_BETWEEN or SOURCE_TOO_OLD
 */
export async function askServer(
  connection: Connection,
  description: string,
  passwordFrom: string,
): Promise<ServerAnswer> {
  const { version, pooled } = await askVersion(connection, description, passwordFrom);
  if (majorVersion(version) < oldestMajor) {
    const message = `The server of ${description} is PostgreSQL ${version}; only ${oldestMajor} and newer can be compared exactly.`;
    throw new OperationalError(
      'SOURCE_TOO_OLD',
      `${message} Back it up with pg_dump alone; such a dump can be restored here, too.`,
    );
  }
  if (!pooled) return { version, connection };
  const behind = { ...connection, pooled };
  await assertSessionsAreKept(behind, description);
  return { version, connection: behind };
}

async function askVersion(connection: Connection, description: string, passwordFrom: string) {
  const client = await login(connection, description, passwordFrom);
  try {
    const { rows } = await client.query<{ version: string; start: string }>(question);
    const [{ version, start } = { version: '', start: '' }] = rows;
    return { version: version.split(' ', 1)[0] ?? '', pooled: start !== String(questionTimeoutMs) };
  } finally {
    await disconnect(client);
  }
}

/** What a session started with is what a setting is reset to: where that is not ours, something took it away. */
const question = `
  select pg_catalog.current_setting('server_version') as version, reset_val as start
  from pg_catalog.pg_settings
  where name = 'statement_timeout'`;

async function login(connection: Connection, description: string, passwordFrom: string): Promise<pg.Client> {
  try {
    return await connectToSource(connection, { timeoutMs: questionTimeoutMs });
  } catch (error) {
    if (refusesOptions(error) && connection.pooled !== true) {
      return login({ ...connection, pooled: true }, description, passwordFrom);
    }
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
