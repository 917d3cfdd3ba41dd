import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Thing } from './lent-server.ts';

const deadlineMs = 30_000;
const betweenTriesMs = 250;

/**
 * Drops a database or a role of a server that somebody else provides. Who minds that server, and autovacuum, may be in a database for a
 * moment, and their sessions are not ours to end.
 * @throws the server's own error, where it is still in the way after half a minute
 */
export async function untilDropped(client: pg.Client, { kind, name }: Pick<Thing, 'kind' | 'name'>): Promise<void> {
  const quoted = pg.escapeIdentifier(name);
  const drop = kind === 'role' ? `drop role ${quoted}` : `drop database if exists ${quoted} with (force)`;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      await client.query(drop);
      return;
    } catch (error) {
      const isPassing = error instanceof pg.DatabaseError && passing.has(error.code ?? '');
      if (!isPassing || performance.now() > deadline) throw error;
      await delay(betweenTriesMs);
    }
  }
}

/** object_in_use, insufficient_privilege (for a session of a superuser), dependent_objects_still_exist (of a database that goes). */
const passing = new Set(['55006', '42501', '2BP01']);
