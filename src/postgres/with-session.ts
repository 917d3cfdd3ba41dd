import type pg from 'pg';
import { useOwnSearchPath } from './connection.ts';
import { withDisposable, type DisposableConnection } from './disposable.ts';

/**
 * For the SQL of people's own steps: a session with a disposable server, with the search_path that role and database have, as
 * psql's. It ends with `use`.
 */
export function withSession<T>(connection: DisposableConnection, use: (client: pg.Client) => Promise<T>): Promise<T> {
  return withDisposable(connection, async (client) => {
    await useOwnSearchPath(client);
    return use(client);
  });
}
