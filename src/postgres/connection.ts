import pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';

/** Where a database is and who connects to it. `host` is a name or address as this process sees it. */
export interface Connection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Of servers that were not started here. `prefer`: TLS without a look at the certificate, or none, as libpq does. */
  tls?: NonNullable<pg.ClientConfig['ssl']> | 'prefer';
}

const connectTimeoutMs = 10_000;

/** Acquires a client, hands it to `use` and releases it, whatever happens. */
export async function withClient<T>(connection: Connection, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(connection);
  try {
    return await use(client);
  } catch (error) {
    throw interpretError(error);
  } finally {
    await disconnect(client);
  }
}

/**
 * Opens a connection; the caller closes it with `disconnect`. Its search_path is empty from its first statement on: whoever
 * may create in a schema of any database could otherwise put an operator or a function of his own in front of the system's,
 * and what we ask runs with our rights. Statements of ours name the schema of what is not in pg_catalog.
 * @param options settings of the session, as libpq's `options`
 * @throws OperationalError SERVER_LOST; the server's own error when it refuses the login
 */
export async function connect(connection: Connection, options?: string): Promise<pg.Client> {
  if (connection.tls !== 'prefer') return open(connection, options);
  try {
    return await open({ ...connection, tls: { rejectUnauthorized: false } }, options);
  } catch (error) {
    if (!isWithoutTls(error)) throw error;
    return open({ ...connection, tls: false }, options);
  }
}

/** In node-postgres' words; it has no code for it. */
function isWithoutTls(error: unknown): boolean {
  const cause = error instanceof OperationalError ? error.cause : error;
  return cause instanceof Error && cause.message === 'The server does not support SSL connections';
}

async function open(connection: Connection, options?: string): Promise<pg.Client> {
  const { host, port, user, password, database, tls } = connection;
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    ...(tls !== undefined && tls !== 'prefer' && { ssl: tls }),
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'restore-rehearsal',
    ...(options !== undefined && { options }),
  });
  // A server that goes away under an idle client is noticed by the next query; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(pinSearchPath);
  } catch (error) {
    await disconnect(client);
    throw interpretError(error);
  }
  return client;
}

/** As a statement, not as an option of the login: poolers refuse those, and in a statement no setting of a role or database stands above it. */
export const pinSearchPath = "select pg_catalog.set_config('search_path', '', false)";

/**
 * Gives a session the search_path that role and database have for it, to run statements that people wrote. Not for sessions
 * with more rights than those who can create objects there.
 */
export async function useOwnSearchPath(client: pg.Client): Promise<void> {
  await client.query('reset search_path');
}

/** Closes a connection, also a broken one. Never throws. */
export async function disconnect(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}

/** A connection as a URL, with its password. */
export function databaseUrl(connection: Connection): string {
  const { host, port, user, password, database } = connection;
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgres://${credentials}@${host}:${port}/${encodeURIComponent(database)}`;
}

/** Tells errors of the connection and of waiting, which are not the backup's fault, from what the server answered to a statement. */
export function interpretError(error: unknown): unknown {
  if (error instanceof OperationalError) return error;
  if (error instanceof pg.DatabaseError && error.code === '55P03') {
    const message =
      'A table of the database is locked by another session, and was not released in time. Start again later.';
    return new OperationalError('SOURCE_LOCKED', message, { cause: error });
  }
  if (error instanceof pg.DatabaseError && error.code === '57014') {
    return new OperationalError('SOURCE_TIMED_OUT', `A statement was ended: ${error.message}.`, { cause: error });
  }
  const shutdown = error instanceof pg.DatabaseError && error.code?.startsWith('57P') === true;
  if (error instanceof pg.DatabaseError && !shutdown) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OperationalError('SERVER_LOST', `The connection to the PostgreSQL server was lost: ${reason}.`, {
    cause: error,
  });
}
