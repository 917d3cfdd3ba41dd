import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { withoutPgOptions } from '../system/environment.ts';
import { OperationalError } from '../system/operational-error.ts';
import { everySetting, sessionSettings, startOptions, superuserSettings } from './session-settings.ts';

/** Where a database is and who connects to it. `host` is a name or address as this process sees it. */
export interface Connection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Of servers that were not started here. `prefer`: TLS without a look at the certificate, or none, as libpq does. */
  tls?: NonNullable<pg.ClientConfig['ssl']> | 'prefer';
  /** A pooler stands before the server and takes no settings at the start of a session: they are made in the session. */
  pooled?: boolean;
}

const connectTimeoutMs = 10_000;

/** Acquires a client, hands it to `use` and releases it, whatever happens. */
export async function withClient<T>(connection: Connection, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const open = held.getStore();
  if (open?.isOver === false && isSame(open.connection, connection)) return useOpen(open.client, use);
  const client = await connect(connection);
  try {
    return await useOpen(client, use);
  } finally {
    await disconnect(client);
  }
}

/**
 * While `body` works, everything that it asks over this connection goes through one session: to open and to close one takes as
 * long as ten small statements. For work that is done one after the other, and that leaves a session as it was.
 */
export async function inOneSession<T>(connection: Connection, body: () => Promise<T>): Promise<T> {
  return withClient(connection, async (client) => {
    const session = { connection, client, isOver: false };
    try {
      return await held.run(session, body);
    } finally {
      // Whatever the work has left behind, a timer say, asks in sessions of its own from now on.
      session.isOver = true;
    }
  });
}

const held = new AsyncLocalStorage<{ connection: Connection; client: pg.Client; isOver: boolean }>();

async function useOpen<T>(client: pg.Client, use: (client: pg.Client) => Promise<T>): Promise<T> {
  try {
    return await use(client);
  } catch (error) {
    throw interpretError(error);
  }
}

function isSame(one: Connection, other: Connection): boolean {
  return (['host', 'port', 'user', 'password', 'database', 'pooled'] as const).every((key) => one[key] === other[key]);
}

/**
 * Opens a connection; the caller closes it with `disconnect`. Its search_path is empty from its first statement on: whoever
 * may create in a schema of any database could otherwise put an operator or a function of his own in front of the system's,
 * and what we ask runs with our rights. Statements of ours name the schema of what is not in pg_catalog. No other setting
 * of the server, the database or the role reaches it either: see session-settings.ts.
 * @param settings further ones
 * @throws OperationalError SERVER_LOST; the server's own error when it refuses the login
 */
export async function connect(connection: Connection, settings: Record<string, string> = {}): Promise<pg.Client> {
  if (connection.tls !== 'prefer') return open(connection, settings);
  try {
    return await open({ ...connection, tls: { rejectUnauthorized: false } }, settings);
  } catch (error) {
    if (!isWithoutTls(error)) throw error;
    return open({ ...connection, tls: false }, settings);
  }
}

/** In node-postgres' words; it has no code for it. */
function isWithoutTls(error: unknown): boolean {
  const cause = error instanceof OperationalError ? error.cause : error;
  return cause instanceof Error && cause.message === 'The server does not support SSL connections';
}

async function open(connection: Connection, settings: Record<string, string>): Promise<pg.Client> {
  const { host, port, user, password, database, tls, pooled = false } = connection;
  const config: pg.ClientConfig = {
    host,
    port,
    user,
    password,
    database,
    // Without a word, node-postgres would take PGSSLMODE from the environment, which is for other servers.
    ssl: tls === undefined || tls === 'prefer' ? false : tls,
    ...(!pooled && { options: startOptions({ ...sessionSettings(), ...settings }) }),
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'restore-rehearsal',
  };
  const client = withoutPgOptions(() => new pg.Client(config));
  // A server that goes away under an idle client is noticed by the next query, which does not know why.
  let reason: Error | undefined;
  client.on('error', (error) => (reason ??= error));
  try {
    await client.connect();
    await client.query(pinSearchPath);
    await applySettings(client, { ...everySetting, ...settings });
  } catch (thrown) {
    await disconnect(client);
    const error = reason ?? thrown;
    // A server older than the setting would not take it at the start: this one has it.
    const isTooShort = error instanceof pg.DatabaseError && error.code === transactionTimeout;
    if (isTooShort && settings['transaction_timeout'] === undefined) {
      return open(connection, { ...settings, transaction_timeout: '0' });
    }
    throw interpretError(error);
  }
  return client;
}

const transactionTimeout = '25P04';

/** Again as a statement: a pooler may take the options and forget them, and not every server knows all of the settings. */
async function applySettings(client: pg.Client, settings: Record<string, string>): Promise<void> {
  const names = (of: Record<string, string>) => [Object.keys(of), Object.values(of)];
  await client.query(setKnown, [...names(settings), ...names(superuserSettings)]);
}

const setKnown = `
  select pg_catalog.set_config(name, value, false)
  from (
    select name, value from unnest($1::text[], $2::text[]) as ours (name, value)
    union all
    select name, value from unnest($3::text[], $4::text[]) as ours (name, value)
    where pg_catalog.current_setting('is_superuser') = 'on'
  ) as wanted
  where pg_catalog.current_setting(name, true) is not null`;

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
  if (error instanceof pg.DatabaseError && isOutOfLocks(error.message)) {
    return new OperationalError('LOCKS_EXHAUSTED', `${error.message}: ${outOfLocks}`, { cause: error });
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

/** Whether the server says that it has no room for another lock. Pure. */
export function isOutOfLocks(message: string): boolean {
  return /out of shared memory|increase "?max_locks_per_transaction/.test(message);
}

/** What that means, and what helps. */
export const outOfLocks =
  'the server has no room for a lock on each table and index of so large a database. Raise max_locks_per_transaction in its ' +
  'postgresql.conf (as installed, it is 64; one lock for each table and index, divided by max_connections, is enough), restart the server, and start again.';
