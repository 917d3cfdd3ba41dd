import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { withClient, type Connection } from '../postgres/connection.ts';
import { shieldRole } from '../postgres/shield-role.ts';
import { OperationalError } from '../system/operational-error.ts';

/**
 * Waits until the server answers a query of an authenticated client. An open port or `pg_isready` is not enough: while
 * an image initialises itself, a first server answers those and then goes away. The role that asks is shielded then: what a
 * restored database sets for its sessions does not reach it.
 * @param listenAddresses the setting of the server that is waited for; the official images give their first one ''
 * @param assertAlive throws when the server has ended, with what it said
 * @param prepare what is to be done first, in the same session
 * @returns the server's version as it says it, for example `17.5`
 * @throws OperationalError SERVER_NOT_STARTED with the last thing seen; what `assertAlive` throws; INTERRUPTED
 */
export async function waitForServer(
  connection: Connection,
  listenAddresses: string,
  assertAlive: () => void | Promise<void>,
  timeoutMs: number,
  signal: AbortSignal,
  prepare?: (client: pg.Client) => Promise<void>,
): Promise<string> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (signal.aborted) throw new OperationalError('INTERRUPTED', 'The start of the server was interrupted.');
    try {
      return await withClient(connection, async (client) => {
        const version = await readVersion(client, listenAddresses);
        await shieldRole(client, connection.user);
        await prepare?.(client);
        return version;
      });
    } catch (error) {
      await assertAlive();
      if (performance.now() > deadline) {
        const last = error instanceof Error ? error.message : String(error);
        const message = `The PostgreSQL server was not ready after ${timeoutMs / 1000} s; last answer: ${last}`;
        throw new OperationalError('SERVER_NOT_STARTED', message, { cause: error });
      }
      await delay(20);
    }
  }
}

async function readVersion(client: pg.Client, listenAddresses: string): Promise<string> {
  const { rows } = await client.query<{ version: string; addresses: string }>(
    "select pg_catalog.current_setting('server_version') as version, pg_catalog.current_setting('listen_addresses') as addresses",
  );
  const [{ version, addresses } = { version: 'unknown', addresses: null }] = rows;
  if (addresses !== listenAddresses) throw new Error('the image is still initialising itself');
  // Debian appends its package version: "15.18 (Debian 15.18-0+deb12u1)".
  return version.split(' ')[0] ?? 'unknown';
}
