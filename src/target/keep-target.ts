import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connect, disconnect, type Connection } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

/** A session that keeps a target for one rehearsal. */
export interface Kept {
  client: pg.Client;
  /** Whether it is still there. */
  isHeld: () => boolean;
}

/** Of the database of the marker: "restore rehearsal" in two numbers that mean nothing. */
const lock = 'pg_catalog.pg_try_advisory_lock(1919250531, 1869767781)';

const betweenTriesMs = 1000;

/**
 * Waits until no other rehearsal is at work on a target, and keeps it: as long as the session lives, what is written down there is
 * this rehearsal's. The server itself ends it when this process is killed.
 * @throws OperationalError TARGET_BUSY, INTERRUPTED
 */
export async function keepTarget(
  connection: Connection,
  { waitMs, signal, say }: { waitMs: number; signal: AbortSignal; say: (message: string) => void },
): Promise<Kept> {
  const client = await connect(connection, { tcp_keepalives_idle: '30', tcp_keepalives_interval: '10' });
  let isHeld = true;
  const lose = () => {
    isHeld = false;
  };
  client.on('error', lose);
  client.on('end', lose);
  try {
    await untilKept(client, { waitMs, signal, say });
    return { client, isHeld: () => isHeld };
  } catch (error) {
    await disconnect(client);
    throw error;
  }
}

async function untilKept(
  client: pg.Client,
  { waitMs, signal, say }: { waitMs: number; signal: AbortSignal; say: (message: string) => void },
): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (let tries = 0; ; tries += 1) {
    const { rows } = await client.query<{ kept: boolean }>(`select ${lock} as kept`);
    if (rows[0]?.kept === true) return;
    if (performance.now() > deadline) {
      const message = `Another rehearsal has been at work on the target for all of ${Math.round(waitMs / 1000)} s. One at a time has it: start again later, or use another target.`;
      throw new OperationalError('TARGET_BUSY', message);
    }
    if (tries === 0) say('another rehearsal is at work on the target: waiting for it');
    try {
      await delay(betweenTriesMs, undefined, { signal });
    } catch {
      throw new OperationalError('INTERRUPTED', 'The rehearsal was interrupted while it waited for the target.');
    }
  }
}
