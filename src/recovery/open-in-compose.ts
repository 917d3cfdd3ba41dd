import { quote } from 'zx/core';
import type { Connection } from '../postgres/connection.ts';
import type { ToolName } from '../postgres/tool.ts';
import { openComposeContainer, type ComposeContainer, type ComposeService } from '../source/compose-container.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { PoolerConsole } from './pooler-console.ts';
import { RecoveryServer } from './recovery-server.ts';

/** The service whose server is restored to, and who logs in there. */
export interface ComposeServer extends ComposeService {
  /** null for the superuser that the official image makes. */
  user: string | null;
  /** Not needed where the container trusts who comes from inside, as the official image does. */
  password: string | null;
}

/**
 * Opens the server in the container of a Compose service, with the container's own client programs. Sessions lead into it,
 * too: it needs no published port.
 * @param live name of the database beside which backups are restored
 * @param directory private directory for the socket that leads there
 * @throws OperationalError SOURCE_NOT_FOUND, LOGIN_REFUSED, SERVER_LOST, SOURCE_TOO_OLD, TOOL_NOT_STARTED or SWITCH_FAILED
 */
export async function openInCompose(
  live: string,
  wanted: ComposeServer,
  directory: string,
  signal: AbortSignal,
  pooler: PoolerConsole | null = null,
): Promise<RecoveryServer> {
  const container = await openComposeContainer(wanted, directory, signal);
  try {
    const { name, host, port } = container;
    const user = wanted.user ?? container.variable('POSTGRES_USER') ?? 'postgres';
    // Nobody renames a database from inside.
    const database = live === 'postgres' ? 'template1' : 'postgres';
    const admin: Connection = { host, port, user, database, password: wanted.password ?? '' };
    const [description, passwordFrom] = [`${user}@${database} in the container ${name}`, 'PGPASSWORD'];
    const { version } = await container.askServer(admin, description, passwordFrom);
    const way = {
      description,
      passwordFrom,
      hbaLine: container.hbaLine(),
      psql: ['docker', 'exec', '-it', name, 'psql', '-U', user, '-d', database].map((word) => quote(word)).join(' '),
      close: async () => {
        await container[Symbol.asyncDispose]();
      },
    };
    const tools = container.toolsFor(version);
    await assertTools(container, version, admin);
    return await RecoveryServer.open(live, admin, tools, { pooler, way });
  } catch (error) {
    await container[Symbol.asyncDispose]();
    throw error;
  }
}

const needed = ['pg_restore', 'psql', 'pg_dump'] satisfies ToolName[];

/** @throws OperationalError TOOL_NOT_STARTED where the image has not all client programs */
async function assertTools({ name, toolsFor }: ComposeContainer, version: string, admin: Connection): Promise<void> {
  for (const tool of needed) {
    const asked = toolsFor(version).runTool({ tool, args: ['--version'], ...admin, timeoutMs: 30_000 });
    await asked.catch((cause: unknown) => {
      if (!(cause instanceof OperationalError) || cause.code !== 'TOOL_NOT_STARTED') throw cause;
      const message = `The container ${name} has no ${tool}, which is run inside of it. Publish the port of the server and use --url, or take an image with the client programs, like the official one.`;
      throw new OperationalError('TOOL_NOT_STARTED', message, { cause });
    });
  }
}
