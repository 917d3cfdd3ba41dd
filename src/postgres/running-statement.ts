import { withClient, type Connection } from './connection.ts';

/** What a server is at in a database for longer than anything else; null where it is at nothing. Never a row of data. */
export async function readRunningStatement(admin: Connection, database: string): Promise<string | null> {
  const { rows } = await withClient(admin, (client) => client.query<{ query: string }>(runningQuery, [database]));
  const text = rows[0]?.query.replace(/\s+/g, ' ').trim() ?? null;
  if (text === null || definition.test(text)) return text;
  // An INSERT has rows in it.
  return text.split(' ').slice(0, 3).join(' ');
}

const definition = /^(?:create|alter|refresh|copy|analyze) /i;

const runningQuery = `
  select pg_catalog.left(query, 200) as query
  from pg_catalog.pg_stat_activity
  where datname = $1
  and state = 'active'
  and pid <> pg_catalog.pg_backend_pid()
  and backend_type = 'client backend'
  order by query_start
  limit 1`;
