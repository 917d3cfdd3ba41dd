import type pg from 'pg';
import { connect, disconnect, type Connection } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

/** Whether an error is the answer of a pooler that takes no settings at the start of a session: pgbouncer's, or RDS Proxy's. */
export function refusesOptions(error: unknown): boolean {
  return error instanceof Error && /unsupported startup parameter|support command-line options/.test(error.message);
}

/**
 * Sees to it that a session behind a pooler keeps its server process. Where each transaction may get another one, a snapshot
 * cannot be held while pg_dump works, and what pg_dump sets for itself would be left to other clients.
 * @throws OperationalError POOLER_IN_BETWEEN
 */
export async function assertSessionsAreKept(connection: Connection, description: string): Promise<void> {
  const first = await connect(connection);
  const second = await connect(connection);
  try {
    for (let round = 0; round < rounds; round += 1) {
      if (await sharesProcess(first, second)) throw notKept(description);
    }
  } finally {
    await disconnect(first);
    await disconnect(second);
  }
}

/** A process that other clients hold in this very moment is not seen to be shared. */
const rounds = 5;

async function sharesProcess(first: pg.Client, second: pg.Client): Promise<boolean> {
  const before = await processOf(first);
  try {
    await second.query('begin');
    return (await processOf(second)) === before || (await processOf(first)) !== before;
  } catch (error) {
    // Where each statement may get another process, the pooler refuses transactions.
    if (/transaction blocks not allowed/.test((error as Error).message)) return true;
    throw error;
  } finally {
    await second.query('rollback').catch(() => undefined);
  }
}

async function processOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  return rows[0]?.pid;
}

function notKept(description: string): OperationalError {
  return new OperationalError(
    'POOLER_IN_BETWEEN',
    `A pooler in transaction mode stands before the server of ${description}: each transaction gets another session of the ` +
      "server, so no snapshot can be held for pg_dump, and pg_dump's settings would be left to other clients. Give the " +
      'address of the server itself (with pgbouncer, often port 5432 and not 6432), or a pool with pool_mode = session.',
  );
}
