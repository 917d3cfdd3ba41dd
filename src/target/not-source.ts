import type { Environment } from '../system/environment.ts';
import { withClient, type Connection } from '../postgres/connection.ts';
import { readDatabaseUrl } from '../source/database-url.ts';
import { OperationalError } from '../system/operational-error.ts';

/**
 * Sees to it that a target is not the server that a rehearsal is about. A source that does not answer is known by host and port.
 * @param sources URLs
 * @throws OperationalError TARGET_REFUSED
 */
export async function assertNotSource(
  target: Connection,
  system: string,
  sources: string[],
  environment: Environment,
): Promise<void> {
  for (const url of sources) {
    const { connection } = await readDatabaseUrl(url, environment);
    const isSame =
      (connection.host === target.host && connection.port === target.port) || (await isSystem(connection, system));
    if (!isSame) continue;
    const message = `The target ${target.host}:${target.port} is the server that the database comes from (${connection.host}:${connection.port}): nothing is rehearsed there. Name another server.`;
    throw new OperationalError('TARGET_REFUSED', message);
  }
}

async function isSystem(connection: Connection, system: string): Promise<boolean> {
  try {
    return await withClient(connection, async (client) => {
      const { rows } = await client.query<{ same: boolean }>(
        "select system_identifier::text = pg_catalog.split_part($1, '/', 1) as same from pg_catalog.pg_control_system()",
        [system],
      );
      return rows[0]?.same === true;
    });
  } catch {
    return false;
  }
}
