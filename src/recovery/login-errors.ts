import pg from 'pg';
import type { Connection } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

const tooManyConnections = '53300';
/** object_not_in_prerequisite_state: the database is closed. */
const closed = '55000';

/**
 * Why a role that was made for a restore cannot log in, and what mends it.
 * @param hbaLine how a line of pg_hba.conf starts that is about it
 */
export function explainLoginError(error: unknown, { user, database }: Connection, hbaLine: string): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  if (error.code === closed) {
    const name = pg.escapeIdentifier(database);
    const message = `The database ${database} is closed: it lets nobody in, superusers neither. Open it for the time of the restore, and start again: ALTER DATABASE ${name} ALLOW_CONNECTIONS true. This keeps applications out meanwhile: REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC.`;
    return new OperationalError('LOGIN_REFUSED', message, { cause: error });
  }
  const start = `The server does not let the role ${user} log in, which was made to restore and to read: ${error.message}. What a dump holds is never run by the administrator’s role instead. `;
  const next =
    error.code === tooManyConnections
      ? 'End some sessions, for other roles than superusers have no connections in reserve, and start again.'
      : `Let roles with a password in for the time of the restore, by a line "${hbaLine} scram-sha-256" in pg_hba.conf above those that ask otherwise (from version 16 on, /^restore_rehearsal_ in place of the second all), reload, and start again. Name the server itself in --url where a pooler stands before it.`;
  return new OperationalError('LOGIN_REFUSED', start + next, { cause: error });
}
