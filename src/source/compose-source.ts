import type { Connection } from '../postgres/connection.ts';
import { openComposeContainer, type ComposeService } from './compose-container.ts';
import { onlyDumps } from './only-dumps.ts';
import type { SourceServer } from './source-server.ts';

/** A database in the container of a Compose service. */
export interface ComposeDatabase extends ComposeService {
  database: string;
  user: string;
  /** Not needed where the container trusts who comes from inside, as the official image does. */
  password: string | null;
}

/**
 * A server in the container of a Compose service, read with the container's own pg_dump.
 * @param directory private directory for the socket that leads there
 * @throws OperationalError SOURCE_NOT_FOUND, LOGIN_REFUSED, SERVER_LOST, SOURCE_TOO_OLD or TOOL_NOT_STARTED
 */
export async function openComposeService(
  wanted: ComposeDatabase,
  directory: string,
  signal: AbortSignal,
): Promise<SourceServer> {
  const container = await openComposeContainer(wanted, directory, signal);
  try {
    const { name, host, port, toolsFor } = container;
    const { user, database, password } = wanted;
    const connection: Connection = { host, port, user, database, password: password ?? '' };
    const description = `${user}@${database} in the container ${name}`;
    const { version: serverVersion } = await container.askServer(connection, description, 'PGPASSWORD');
    const { runTool } = onlyDumps(toolsFor(serverVersion).runTool);
    return {
      runTool,
      connection,
      serverVersion,
      dumpVersion: await askDumpVersion(runTool, connection),
      description,
      writesHere: false,
      secrets: [connection.password],
      [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
    };
  } catch (error) {
    await container[Symbol.asyncDispose]();
    throw error;
  }
}

async function askDumpVersion(runTool: SourceServer['runTool'], target: Connection): Promise<string> {
  const { stdout } = await runTool({ tool: 'pg_dump', args: ['--version'], ...target, timeoutMs: 10_000 });
  return /\d[\w.]*/.exec(stdout)?.[0] ?? 'unknown';
}
