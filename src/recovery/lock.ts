import { createHash } from 'node:crypto';
import pg from 'pg';
import { interpretError } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

/**
 * Sees to it that only one restores beside a database at a time, as long as the session lasts. Every database of a server has
 * advisory locks of its own, but all are seen from each: of two who come from different ones in the same moment, both go.
 * @throws OperationalError SWITCH_FAILED where another restore holds it for too long
 */
export async function lockBeside(client: pg.Client, live: string): Promise<void> {
  const key = createHash('sha256').update(`restore-rehearsal ${live}`).digest().readBigInt64BE();
  try {
    await client.query('select pg_catalog.pg_advisory_lock($1)', [key]);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw interpretError(error);
    throw restoring(live, error);
  }
  const { rowCount } = await client.query(heldElsewhere, [key]);
  if (rowCount !== 0) throw restoring(live);
}

/** pg_locks shows the two halves of a key. */
const heldElsewhere = `
  select from pg_catalog.pg_locks
  where locktype = 'advisory'
  and granted
  and objsubid = 1
  and (classid::bigint << 32) | objid::bigint = $1::bigint
  and pid <> pg_catalog.pg_backend_pid()`;

function restoring(live: string, cause?: unknown): OperationalError {
  const message = `Another restore beside ${live} is at work. Wait until it has ended, and start again.`;
  return new OperationalError('SWITCH_FAILED', message, { cause });
}
