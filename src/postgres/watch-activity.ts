import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connect, disconnect, type Connection } from './connection.ts';
import { readActivity, type Activity } from './activity.ts';

/** What is soon over is not watched: it pays nothing. */
export const firstLookMs = 3000;
const betweenLooksMs = 1000;
/** Of a look: one that takes longer would cost those who work. */
const longestLookMs = 500;

/**
 * Looks once a second at what sessions of ours do in a database, on a session of its own that is in another one, from the time on when
 * the work has taken some seconds. What goes wrong with it is nobody's trouble: then nothing more is seen.
 * @param connection to another database of the server
 * @returns what ends it; that never rejects
 */
export function watchActivity(
  connection: Connection,
  database: string,
  see: (activity: Activity[]) => void,
): AsyncDisposable {
  const over = new AbortController();
  let client: pg.Client | null = null;
  const pause = (ms: number) => delay(ms, undefined, { signal: over.signal, ref: false });
  const watching = watch().catch(() => undefined);

  async function watch(): Promise<void> {
    await pause(firstLookMs);
    const opened = await connect(connection, { statement_timeout: String(longestLookMs) });
    // It may have been ended while it logged in.
    if (over.signal.aborted) return disconnect(opened);
    client = opened;
    try {
      if (!(await hasRoom(opened))) return;
      for (;;) {
        see(await readActivity(opened, database));
        await pause(betweenLooksMs);
      }
    } finally {
      // What was seen last is of the past.
      see([]);
      await disconnect(opened);
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      if (client === null) return;
      // A look that is on its way is not waited for.
      await disconnect(client);
      await watching;
    },
  };
}

/** Whether nobody has to go without a session for the sake of this one, on a server that others use. */
async function hasRoom(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ room: boolean }>(roomQuery);
  return rows[0]?.room === true;
}

const roomQuery = `
  select role.rolconnlimit = -1
    and (select pg_catalog.sum(numbackends) from pg_catalog.pg_stat_database) + 10
      < pg_catalog.current_setting('max_connections')::int as room
  from pg_catalog.pg_roles as role
  where role.rolname = current_user`;

/** Does something while it is watched. */
export async function whileWatched<Result>(
  watching: AsyncDisposable | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } finally {
    await watching?.[Symbol.asyncDispose]();
  }
}
