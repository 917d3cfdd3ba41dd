import pg from 'pg';
import { disconnect, interpretError } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { pinSettings } from '../snapshot/pinned-settings.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { RecoveryServer } from './recovery-server.ts';

/**
 * Reads something of a database of the server in one moment of it, as a role that may do nothing else: reading runs code of the
 * database. An interruption ends the session.
 * @throws OperationalError INTERRUPTED, LOGIN_REFUSED, SERVER_LOST, SOURCE_LOCKED, SOURCE_TIMED_OUT, SOURCE_NOT_READABLE
 */
export async function withReading<T>(
  server: RecoveryServer,
  name: string,
  limits: ToolLimits,
  read: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { signal } = limits;
  try {
    await using reader = await server.openReader(name);
    const client = await connectToSource(reader.connection, limits);
    const end = () => void disconnect(client);
    signal?.addEventListener('abort', end, { once: true });
    try {
      await pinSettings(client);
      await client.query('begin transaction isolation level repeatable read, read only');
      return await read(client);
    } finally {
      signal?.removeEventListener('abort', end);
      await disconnect(client);
    }
  } catch (error) {
    throw explain(interpretError(error), name, signal);
  }
}

function explain(error: unknown, name: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) {
    return new OperationalError('INTERRUPTED', `Reading the database ${name} was interrupted.`, { cause: error });
  }
  if (!(error instanceof pg.DatabaseError)) return error;
  const message = `The database ${name} cannot be read: ${error.message}.`;
  return new OperationalError('SOURCE_NOT_READABLE', message, { cause: error });
}
