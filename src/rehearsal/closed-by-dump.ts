import type { Finding } from '../evidence/schema.ts';
import { withClient, type Connection } from '../postgres/connection.ts';

/**
 * What a dump has done to the database that it was restored into so that nobody but a superuser can log in; null where it has
 * not. It was open before.
 * @param admin to another database of the server
 * @param reader who has to log in next
 */
export async function findClosedByDump(admin: Connection, database: string, reader: string): Promise<Finding | null> {
  return withClient(admin, async (client) => {
    const { rows } = await client.query<{ doing: string | null }>(doing, [database, reader]);
    const done = rows[0]?.doing ?? null;
    if (done === null) return null;
    return {
      rule: 'DATABASE_CLOSED_BY_DUMP',
      severity: 'error',
      object: database,
      message: `A statement of the dump closes the database ${database} that it is restored into: ${done}. Nobody but a superuser can log in.`,
      remedy: `Take the statement out of the dump, and find out who put it there: pg_dump writes it only with --create.`,
    };
  });
}

const doing = `
  select
    case
      when not datallowconn then 'ALTER DATABASE … ALLOW_CONNECTIONS false'
      when datconnlimit between 0 and 2 then 'ALTER DATABASE … CONNECTION LIMIT ' || datconnlimit
      when not pg_catalog.has_database_privilege($2, oid, 'connect') then 'REVOKE CONNECT ON DATABASE …'
    end as doing
  from pg_catalog.pg_database
  where datname = $1`;
