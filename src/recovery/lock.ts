import { createHash } from 'node:crypto';
import pg from 'pg';
import { interpretError } from '../postgres/connection.ts';
import { RehearsalError } from '../rehearsal-error.ts';

/**
 * Sees to it that only one restores beside a database at a time, as long as the session lasts. Sessions in other databases of
 * the server have locks of their own.
 * @throws RehearsalError SWITCH_FAILED where somebody else holds it for too long
 */
export async function lockBeside(client: pg.Client, live: string): Promise<void> {
  const key = createHash('sha256').update(`restore-rehearsal ${live}`).digest().readBigInt64BE();
  try {
    await client.query('select pg_catalog.pg_advisory_lock($1)', [key]);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw interpretError(error);
    const message = `Somebody else is restoring beside ${live} at this moment. Wait until that has ended, and start again.`;
    throw new RehearsalError('SWITCH_FAILED', message, { cause: error });
  }
}
