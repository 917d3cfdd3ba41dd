import type { Environment } from '../system/environment.ts';
import { chooseClientPrograms, findClientPrograms, type LocalPrograms } from '../engine/local-programs.ts';
import { majorVersion } from '../postgres/version.ts';
import { OperationalError } from '../system/operational-error.ts';
import { clientTools } from './client-tools.ts';
import { describeAddress, readDatabaseUrl } from './database-url.ts';
import { askServer } from './login.ts';
import { onlyDumps } from './only-dumps.ts';
import type { SourceServer } from './source-server.ts';

/**
 * A server that a URL names, read with this machine's client programs.
 * @param home directory for the programs to take for their home
 * @throws OperationalError BAD_USAGE, LOGIN_REFUSED, POOLER_IN_BETWEEN, SERVER_LOST, SOURCE_TOO_OLD or TOOL_TOO_OLD
 */
export async function openUrl(url: string, environment: Environment, home: string): Promise<SourceServer> {
  const address = await readDatabaseUrl(url, environment);
  const description = describeAddress(address.connection);
  const answer = await askServer(address.connection, description, 'PGPASSWORD or ~/.pgpass');
  const { connection, version: serverVersion } = answer;
  const programs = await findFittingPrograms(environment, serverVersion);
  return {
    ...onlyDumps(
      clientTools({ programs, path: environment.path, home, serverVersion }, { ...address, connection }).runTool,
    ),
    connection,
    serverVersion,
    dumpVersion: programs.version,
    description,
    writesHere: true,
    secrets: [connection.password],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * This machine's client programs for a server of a version.
 * @throws OperationalError TOOL_TOO_OLD where there are none, or only older ones: pg_dump refuses a newer server
 */
export async function findFittingPrograms(
  { postgresBinDirectory, path }: Environment,
  serverVersion: string,
): Promise<LocalPrograms> {
  const found = await findClientPrograms(postgresBinDirectory, path);
  const major = majorVersion(serverVersion);
  const programs = chooseClientPrograms(found, major);
  if (programs !== undefined) return programs;
  const newest = found.toSorted((a, b) => b.major - a.major)[0];
  const where = postgresBinDirectory === null ? 'on this machine' : `in REHEARSAL_PG_BINDIR (${postgresBinDirectory})`;
  const there =
    newest === undefined
      ? `there are no client programs of PostgreSQL ${where}`
      : `the newest client programs ${where} are ${newest.version} (${newest.directory})`;
  throw new OperationalError(
    'TOOL_TOO_OLD',
    `The server is PostgreSQL ${serverVersion}, and ${there}; pg_dump cannot read a newer server. Install postgresql-client-${major}, or use --compose-service if it runs in a container.`,
  );
}
