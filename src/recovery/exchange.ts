import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';
import type { DatabaseFacts } from './database-facts.ts';

/** A database that gets another name and another comment. */
export interface Move {
  oid: string;
  from: string;
  to: string;
  comment: string | null;
  /** What it is to be from then on; as it was, if left out. */
  options?: Pick<DatabaseFacts, 'allowConnections' | 'isTemplate'>;
}

/** What an exchange cost those who work with the databases. */
export interface Exchanged {
  /** From the first lock that was asked for to the end of the transaction: who connected meanwhile had to wait. */
  lockedMs: number;
  endedSessions: number;
}

const defaultPatienceMs = 4000;
const betweenRoundsMs = 10;

/**
 * Gives databases other names in one transaction: at any moment, and whoever is killed, either all have the old names or
 * all have the new ones. ALTER DATABASE … RENAME first locks a database against new connections, which wait, and then
 * waits for its sessions to be gone; a second session ends those, once nobody can take their place.
 * @param helper another session of the same role
 * @param patienceMs of each lock and each renaming: who connects meanwhile waits, so a failure has to come soon
 * @throws OperationalError SWITCH_FAILED, NOT_PERMITTED or SERVER_LOST; nothing has changed then, save after SERVER_LOST
 */
export async function exchange(
  admin: pg.Client,
  helper: pg.Client,
  moves: Move[],
  patienceMs = defaultPatienceMs,
): Promise<Exchanged> {
  await letGoWithClient(admin);
  const pid = await readPid(admin).catch((error: unknown) => {
    throw explain(error, [], patienceMs);
  });
  const ending = startEnding(helper, moves, pid);
  const startedAt = performance.now();
  try {
    await admin.query('begin');
    await admin.query(`set local lock_timeout = ${patienceMs}; set local statement_timeout = ${patienceMs}`);
    for (const { from, to } of moves) {
      await admin.query(`alter database ${pg.escapeIdentifier(from)} rename to ${pg.escapeIdentifier(to)}`);
    }
    await assertSame(admin, moves);
    for (const { to, comment, options } of moves) {
      await admin.query(commentStatement(to, comment));
      if (options !== undefined) await admin.query(optionsStatement(to, options));
    }
    await admin.query('commit');
    const lockedMs = Math.round(performance.now() - startedAt);
    return { lockedMs, endedSessions: await ending.stop() };
  } catch (error) {
    await admin.query('rollback').catch(() => undefined);
    await ending.stop();
    throw explain(error, ending.notEnded(), patienceMs);
  }
}

/** Sets the comment of a database. Pure. */
export function commentStatement(database: string, comment: string | null): string {
  const text = comment === null ? 'null' : pg.escapeLiteral(comment);
  return `comment on database ${pg.escapeIdentifier(database)} is ${text}`;
}

/** Says whether a database is open, and a template. Pure. */
function optionsStatement(database: string, { allowConnections, isTemplate }: NonNullable<Move['options']>): string {
  return `alter database ${pg.escapeIdentifier(database)} allow_connections ${allowConnections} is_template ${isTemplate}`;
}

/** A renaming whose client was killed goes on waiting, and others with it, unless the server looks after the client. */
async function letGoWithClient(admin: pg.Client): Promise<void> {
  // Not every operating system lets it.
  await admin.query("set client_connection_check_interval = '100ms'").catch(() => undefined);
}

async function readPid(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

/** What was planned for the databases of these names must not befall others that got the names since. */
async function assertSame(admin: pg.Client, moves: Move[]): Promise<void> {
  const { rows } = await admin.query<{ oid: string; datname: string }>(
    'select oid::text, datname from pg_catalog.pg_database where oid = any ($1::oid[])',
    [moves.map(({ oid }) => oid)],
  );
  if (moves.every(({ oid, to }) => rows.some((row) => row.oid === oid && row.datname === to))) return;
  throw new OperationalError('SWITCH_FAILED', `Databases have been renamed or dropped meanwhile. ${unchanged}`);
}

/** Ends the sessions in the databases that the transaction has locked, until it is stopped. */
function startEnding(helper: pg.Client, moves: Move[], lockedBy: number) {
  const state = { stopped: false };
  const ended = new Set<number>();
  let stubborn: string[] = [];
  const round = async () => {
    const { rows } = await helper.query<{ pid: number; who: string }>(sessionsQuery, [
      moves.map(({ oid }) => oid),
      lockedBy,
    ]);
    stubborn = rows.map(({ who }) => who);
    for (const { pid } of rows) {
      // One that may not be ended must not save the others. It shows in the error of the renaming.
      const result = await helper
        .query<{ done: boolean }>('select pg_catalog.pg_terminate_backend($1) as done', [pid])
        .catch(() => null);
      if (result?.rows[0]?.done === true) ended.add(pid);
    }
  };
  const loop = (async () => {
    while (!state.stopped) {
      await round().catch(() => undefined);
      await delay(betweenRoundsMs);
    }
  })();
  return {
    notEnded: () => stubborn,
    stop: async () => {
      state.stopped = true;
      await loop;
      return ended.size;
    },
  };
}

const sessionsQuery = `
  select pid, pg_catalog.format('%s (%s)', coalesce(usename, backend_type), pid) as who
  from pg_catalog.pg_stat_activity as activity
  where datid = any ($1::oid[])
  and exists (
    select from pg_catalog.pg_locks as lock
    where lock.pid = $2
    and lock.locktype = 'object'
    and lock.classid = 'pg_catalog.pg_database'::pg_catalog.regclass
    and lock.objid = activity.datid
    and lock.mode = 'AccessExclusiveLock'
    and lock.granted
  )`;

const unchanged = 'Nothing has changed.';

function explain(error: unknown, sessions: string[], patienceMs: number): unknown {
  if (error instanceof OperationalError) return error;
  if (!(error instanceof pg.DatabaseError) || error.code?.startsWith('57P') === true) {
    const message =
      'The connection to the server was lost in the middle of the exchange. It has happened as a whole or not at all: run the command again, and it says which.';
    return new OperationalError('SERVER_LOST', message, { cause: error });
  }
  // object_in_use, lock_not_available, query_canceled
  if (['55006', '55P03', '57014'].includes(error.code ?? '')) {
    const who = sessions.length === 0 ? '' : ` Still there: ${sessions.join(', ')}.`;
    const message = `The names could not be exchanged within ${patienceMs / 1000} s, because sessions in the database did not end or another session holds a lock on it: ${error.message}.${who} ${unchanged} End them and start again; ending those of superusers takes a superuser.`;
    return new OperationalError('SWITCH_FAILED', message, { cause: error });
  }
  const code = error.code === '42501' ? 'NOT_PERMITTED' : 'SWITCH_FAILED';
  return new OperationalError(code, `The names could not be exchanged: ${error.message}. ${unchanged}`, {
    cause: error,
  });
}
