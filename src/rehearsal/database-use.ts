import { setTimeout as delay } from 'node:timers/promises';
import { withClient, type Connection } from '../postgres/connection.ts';

/** What others have done in a database since it was created, as the server counts it. */
export interface DatabaseUse {
  /** Logins that were let in. */
  sessions: number;
  /** Scans of tables and indexes that initdb did not make, and statements that failed. */
  questions: number;
}

/**
 * Reads what was done in a database, from the inside of it where that counts as a session of its own.
 * @param admin to another database of the server
 */
export async function readDatabaseUse(admin: Connection, database: string): Promise<DatabaseUse> {
  const sessions = await withClient(admin, async (client) => {
    const { rows } = await client.query<{ sessions: string; failed: string }>(
      'select sessions, xact_rollback as failed from pg_catalog.pg_stat_database where datname = $1',
      [database],
    );
    return { sessions: Number(rows[0]?.sessions ?? 0), failed: Number(rows[0]?.failed ?? 0) };
  });
  const scans = await withClient({ ...admin, database }, async (client) => {
    const { rows } = await client.query<{ scans: string }>(
      `select coalesce(pg_catalog.sum(seq_scan + coalesce(idx_scan, 0)), 0) as scans
      from pg_catalog.pg_stat_user_tables`,
    );
    return Number(rows[0]?.scans ?? 0);
  });
  return { sessions: sessions.sessions, questions: sessions.failed + scans };
}

/** What was done since, without the session that read it before. Waits until the server has counted what sessions did last. */
export async function readUseSince(admin: Connection, database: string, before: DatabaseUse): Promise<DatabaseUse> {
  await delay(countedWithinMs);
  const now = await readDatabaseUse(admin, database);
  return { sessions: now.sessions - before.sessions - 1, questions: now.questions - before.questions };
}

/** See PGSTAT_MIN_INTERVAL in PostgreSQL's pgstat.c. */
const countedWithinMs = 1500;
