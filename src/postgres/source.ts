import type pg from 'pg';
import { connect, type Connection } from './connection.ts';
import type { ToolLimits } from './tool.ts';

/** How long reading waits for a session that holds a table for itself: a source goes on working while it is read. */
export const lockTimeoutMs = 60_000;

/**
 * Opens a session that only reads: it cannot write even outside of a transaction, and neither a lock nor a statement holds
 * it up for ever, whatever the database or the role has set. The caller closes it with `disconnect`.
 * @throws OperationalError SERVER_LOST; the server's own error when it refuses the login
 */
export function connectToSource(
  connection: Connection,
  { timeoutMs, lockTimeoutMs: ownLockTimeoutMs = lockTimeoutMs }: Pick<ToolLimits, 'timeoutMs' | 'lockTimeoutMs'>,
): Promise<pg.Client> {
  return connect(connection, {
    default_transaction_read_only: 'on',
    statement_timeout: String(timeoutMs),
    lock_timeout: String(ownLockTimeoutMs),
  });
}
