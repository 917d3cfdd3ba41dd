import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { interpretError } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

/** How soon it is looked for again whether another restore has ended that came from another database. */
const betweenLooksMs = 100;

/**
 * Sees to it that only one restores beside a database at a time, as long as the session lasts. Every database of a server has
 * advisory locks of its own, but all are seen from each: of several who come from different ones, only the one with the lowest
 * process keeps its lock while it waits until the others, who give theirs back, are gone.
 * @throws OperationalError SWITCH_FAILED where another restore holds it for too long
 */
export async function lockBeside(client: pg.Client, live: string, withinMs: number): Promise<void> {
  const key = createHash('sha256').update(`restore-rehearsal ${live}`).digest().readBigInt64BE();
  const deadline = performance.now() + withinMs;
  for (;;) {
    await client.query('select pg_catalog.pg_advisory_lock($1)', [key]).catch((error: unknown) => {
      if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw interpretError(error);
      throw restoring(live, error);
    });
    let others = await readOthers(client, key);
    while (others.isThere && others.areLater && performance.now() < deadline) {
      await delay(betweenLooksMs);
      others = await readOthers(client, key);
    }
    if (!others.isThere) return;
    await client.query('select pg_catalog.pg_advisory_unlock($1)', [key]);
    if (performance.now() >= deadline) throw restoring(live);
    await delay(betweenLooksMs);
  }
}

/** Who else holds it, and whether all of them have later processes. */
async function readOthers(client: pg.Client, key: bigint): Promise<{ isThere: boolean; areLater: boolean }> {
  const { rows } = await client.query<{ isThere: boolean; areLater: boolean }>(heldElsewhere, [key]);
  return rows[0] ?? { isThere: false, areLater: false };
}

/** pg_locks shows the two halves of a key. */
const heldElsewhere = `
  select
    pg_catalog.count(*) > 0 as "isThere",
    coalesce(pg_catalog.bool_and(pid > pg_catalog.pg_backend_pid()), false) as "areLater"
  from pg_catalog.pg_locks
  where locktype = 'advisory'
  and granted
  and objsubid = 1
  and (classid::bigint << 32) | objid::bigint = $1::bigint
  and pid <> pg_catalog.pg_backend_pid()`;

function restoring(live: string, cause?: unknown): OperationalError {
  const message = `Another restore beside ${live} is at work. Wait until it has ended, and start again.`;
  return new OperationalError('SWITCH_FAILED', message, { cause });
}
