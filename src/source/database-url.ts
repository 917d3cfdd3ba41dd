import { parse } from 'pg-connection-string';
import pgpass from 'pgpass';
import type { Environment } from '../system/environment.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Connection } from '../postgres/connection.ts';

/** A database as a URL names it, and what libpq's programs need besides to reach it in the same way. */
export interface DatabaseAddress {
  connection: Connection;
  /** libpq's variables for TLS and the like, as the URL asks for it, else the environment. */
  tlsVariables: Record<string, string>;
}

/** Parameters of a URL that are passed on to libpq, by its variables. See libpq's "Environment Variables". */
const tlsParameters = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  channel_binding: 'PGCHANNELBINDING',
} as const;

const understood = new Set([
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'application_name',
  ...Object.keys(tlsParameters),
  // What libraries of applications take for themselves (Prisma, Rails, SQLAlchemy, node-postgres): it says nothing of where the
  // database is, and a dump holds every schema.
  'schema',
  'connection_limit',
  'pool_timeout',
  'socket_timeout',
  'connect_timeout',
  'pgbouncer',
  'statement_cache_size',
  'sslaccept',
  'pool',
  'pool_size',
  'max_pool_size',
  'prepared_statements',
]);

/**
 * Reads `postgres://user:password@host:5432/database?sslmode=verify-full`. A password that is not in it is looked for where
 * libpq looks: PGPASSWORD, then the passfile.
 * @param environment with PGPASSWORD, and variables for TLS where the URL says nothing of it, as libpq takes them
 * @throws OperationalError BAD_USAGE, which never shows the URL's password
 */
export async function readDatabaseUrl(
  given: string,
  { databasePassword, libpq }: Pick<Environment, 'databasePassword' | 'libpq'>,
): Promise<DatabaseAddress> {
  const url = withTls(given, libpq);
  const path = readPath(url);
  const parsed = parseUrl(url);
  const parameters = new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length));
  const unknown = [...parameters.keys()].filter((name) => !understood.has(name));
  if (unknown.length > 0) throw notUsable(`it has parameters that are not known here: ${unknown.join(', ')}`);
  const sslmode = readSslMode(parameters);
  const { host, user } = parsed;
  const database = parameters.get('dbname') ?? path;
  if (!host)
    throw notUsable('it names no host; for a Unix socket write postgres://user@/database?host=/var/run/postgresql');
  if (host.includes(',')) throw notUsable('it names several hosts; name the one that is to be read');
  if (!user) throw notUsable('it names no user; write postgres://user@host/database');
  if (!database) throw notUsable('it names no database; write postgres://user@host/database');
  const port = Number(parsed.port ?? '') || 5432;
  const where = { host, port, user, database };
  const password = (parsed.password || null) ?? databasePassword ?? (await passwordFromFile(where)) ?? '';
  const isSocket = host.startsWith('/');
  const tlsVariables = Object.entries(tlsParameters).flatMap(([name, variable]) => {
    const value = parameters.get(name);
    return value === null ? [] : [[variable, value] as const];
  });
  return {
    connection: { ...where, password, ...(!isSocket && { tls: readTls(parsed.ssl, sslmode) }) },
    tlsVariables: { ...libpq, ...Object.fromEntries(tlsVariables) },
  };
}

/** The URL, with what the environment says of TLS where it says nothing itself. */
function withTls(url: string, libpq: Record<string, string>): string {
  const own = new URLSearchParams(url.split('?')[1] ?? '');
  const added = new URLSearchParams();
  for (const [name, variable] of Object.entries(tlsParameters)) {
    const value = libpq[variable];
    if (value !== undefined && !own.has(name)) added.set(name, value);
  }
  return added.size === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${added.toString()}`;
}

export function describeAddress({ host, port, user, database }: Connection): string {
  return host.startsWith('/') ? `${user}@${database} at ${host}` : `${user}@${host}:${port}/${database}`;
}

/** An address as a URL again, without its password: for a command that is shown. Pure. */
export function urlWithoutPassword({ connection, tlsVariables }: DatabaseAddress): string {
  const { host, port, user, database } = connection;
  const [userPart, databasePart] = [user, database].map(encodeURIComponent) as [string, string];
  const parameters = new URLSearchParams();
  const isSocket = host.startsWith('/');
  if (isSocket) {
    parameters.set('host', host);
    parameters.set('port', String(port));
  }
  for (const [name, variable] of Object.entries(tlsParameters)) {
    const value = tlsVariables[variable];
    if (value !== undefined) parameters.set(name, value);
  }
  const query = parameters.size === 0 ? '' : `?${parameters.toString()}`;
  // An address of IPv6 stands in brackets.
  const at = isSocket ? '' : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `postgres://${userPart}@${at}/${databasePart}${query}`;
}

/** libpq's, from the least to the most secure. */
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

function readSslMode(parameters: URLSearchParams): string | null {
  const mode = parameters.get('sslmode');
  if (mode !== null && !sslModes.includes(mode)) {
    throw notUsable(`there is no sslmode "${mode}", only ${sslModes.join(', ')}`);
  }
  return mode;
}

/** The parser of node-postgres leaves `%3D`, `%2F`, `%3B` and the like as they are. */
function readPath(url: string): string {
  const [, path = ''] = /^\w+:\/\/[^/?]*\/([^?]*)/.exec(url) ?? [];
  try {
    return decodeURIComponent(path);
  } catch {
    throw notUsable('in the name of the database, a % has to be written as %25');
  }
}

function parseUrl(url: string) {
  if (!/^postgres(?:ql)?:\/\//.test(url)) throw notUsable('it does not start with postgres://');
  // What follows it would be left out, and could be the half of a password.
  if (url.includes('#')) throw notUsable('it holds a #, which has to be written as %23, in a password, too');
  if (/[?&]sslmode=verify-ca\b/.test(url) && !/[?&]sslrootcert=./.test(url)) {
    throw notUsable('sslmode=verify-ca takes the certificate of the authority: add sslrootcert=FILE');
  }
  // A password that holds a slash: what follows it would be taken for host and database, and be shown.
  if (/^\w+:\/\/[^/?]*\/[^?]*@/.test(url)) throw notUsable(notEncoded);
  try {
    // Meanings of sslmode as libpq's, not node-postgres' own.
    return parse(url, { useLibpqCompat: true });
  } catch (error) {
    // Its message may quote the URL.
    const { code } = error as NodeJS.ErrnoException;
    throw notUsable(code === 'ENOENT' ? 'a certificate that it names cannot be read' : notEncoded);
  }
}

const notEncoded = 'it is no URL; characters like @ / : # in a password have to be percent-encoded';

/** Without an sslmode, libpq prefers TLS and does without where the server has none. */
function readTls(ssl: unknown, mode: string | null): NonNullable<Connection['tls']> {
  if (mode === null || mode === 'prefer' || mode === 'allow') return 'prefer';
  return mode === 'disable' ? false : (ssl as NonNullable<Connection['tls']>);
}

function passwordFromFile(where: Omit<Connection, 'password'>): Promise<string | undefined> {
  return new Promise((resolve) => {
    pgpass(where, resolve);
  });
}

function notUsable(reason: string): OperationalError {
  return new OperationalError(
    'BAD_USAGE',
    `The URL of the database cannot be used: ${reason}. It should look like postgres://user@host:5432/database.`,
  );
}
