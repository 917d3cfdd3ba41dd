import pg from 'pg';
import { withClient, type Connection } from './connection.ts';
import type { Login } from './reader.ts';

/** A role that restores with owners and privileges, until it is disposed of. */
export interface Operator extends AsyncDisposable {
  readonly connection: Connection;
}

/**
 * Creates a role that can give objects to every ordinary role, and so restores a dump with its owners without being a
 * superuser: an archive is code. Roles through which it would come to rights over the server are not among its own.
 * @param owner the database that is restored into, with the role that it belongs to
 */
export async function createOperator(admin: Connection, owner: Connection, login: Login): Promise<Operator> {
  const connection = { ...owner, ...login };
  const operator = pg.escapeIdentifier(login.user);
  const database = pg.escapeIdentifier(owner.database);
  const roles = await withClient(admin, async (client) => {
    const { rows } = await client.query<{ name: string; version: number }>(ordinaryRoles);
    await client.query(`create role ${operator} login nosuperuser password ${pg.escapeLiteral(login.password)}`);
    for (const { name, version } of rows) {
      const options = version >= 160_000 ? ' with inherit true, set true' : '';
      await client.query(`grant ${name} to ${operator}${options}`);
    }
    // Whoever is given a schema or a publication needs this right on the database.
    const others = rows.map(({ name }) => name).filter((name) => name !== pg.escapeIdentifier(owner.user));
    if (others.length > 0) await client.query(`grant create on database ${database} to ${others.join(', ')}`);
    return others;
  });
  return {
    connection,
    async [Symbol.asyncDispose]() {
      // What a dump gives to nobody, like an extension, belongs to whoever restores.
      await withClient(connection, (client) =>
        client.query(`reassign owned by ${operator} to ${pg.escapeIdentifier(owner.user)}; drop owned by ${operator}`),
      );
      await withClient(admin, async (client) => {
        if (roles.length > 0) await client.query(`revoke create on database ${database} from ${roles.join(', ')}`);
        await client.query(`drop role ${operator}`);
      });
    },
  };
}

/**
 * Every role but superusers, those that may create roles or replicate, the system's, and the members of any of these:
 * with pg_execute_server_program a role runs programs, and before version 16 CREATEROLE is enough to become its member.
 */
const ordinaryRoles = `
  with recursive mighty (oid) as (
    select oid
    from pg_catalog.pg_roles
    where rolsuper or rolcreaterole or rolreplication or rolname ~ '^pg_'
    union
    select membership.member
    from pg_catalog.pg_auth_members as membership
    join mighty on mighty.oid = membership.roleid
  )
  select
    '"' || pg_catalog.replace(rolname, '"', '""') || '"' as name,
    pg_catalog.current_setting('server_version_num')::int as version
  from pg_catalog.pg_roles
  where oid not in (select oid from mighty)`;
