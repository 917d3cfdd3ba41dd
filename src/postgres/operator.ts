import pg from 'pg';
import { withDisposable, type DisposableConnection } from './disposable.ts';
import { handOver } from './hand-over.ts';
import type { Login } from './reader.ts';
import { shieldRole } from './shield-role.ts';

/** A role that restores with owners and privileges, until it is disposed of. */
export interface Operator extends AsyncDisposable {
  readonly connection: DisposableConnection;
}

/**
 * Creates a role that can give objects to every ordinary role, and so restores a dump with its owners without being a
 * superuser: an archive is code. Roles through which it would come to rights over the server are not among its own.
 * @param owner the database that is restored into, with the role that it belongs to
 */
export async function createOperator(
  admin: DisposableConnection,
  owner: DisposableConnection,
  login: Login,
): Promise<Operator> {
  const operator = pg.escapeIdentifier(login.user);
  const roles = await withDisposable(admin, async (client) => {
    const others = await listOrdinaryRoles(client);
    await client.query(`create role ${operator} login nosuperuser password ${pg.escapeLiteral(login.password)}`);
    await shieldRole(client, login.user);
    await actFor(client, login.user, others, { name: owner.database, owner: owner.user });
    return others;
  });
  return {
    connection: { ...owner, ...login },
    async [Symbol.asyncDispose]() {
      // What a dump gives to nobody, like an extension, belongs to whoever restores.
      await withDisposable({ ...admin, database: owner.database }, (client) =>
        handOver(client, login.user, owner.user),
      );
      await withDisposable(admin, async (client) => {
        await stopActing(client, roles, { name: owner.database, owner: owner.user });
        await client.query(`drop role ${operator}`);
      });
    },
  };
}

interface OwnedDatabase {
  name: string;
  owner: string;
}

/** Lets a role give objects in a database to others, as their member. */
export async function actFor(client: pg.Client, role: string, others: string[], database: OwnedDatabase) {
  const { rows } = await client.query<{ version: number }>(
    "select pg_catalog.current_setting('server_version_num')::int4 as version",
  );
  const options = (rows[0]?.version ?? 0) >= 160_000 ? ' with inherit true, set true' : '';
  for (const other of others) {
    await client.query(`grant ${pg.escapeIdentifier(other)} to ${pg.escapeIdentifier(role)}${options}`);
  }
  // Whoever is given a schema or a publication needs this right on the database.
  await onDatabase(client, others, database, (names) => `grant create on database ${names} to`);
}

/** Takes from the others what `actFor` has given to them. */
export async function stopActing(client: pg.Client, others: string[], database: OwnedDatabase): Promise<void> {
  await onDatabase(client, others, database, (names) => `revoke create on database ${names} from`);
}

async function onDatabase(
  client: pg.Client,
  roles: string[],
  { name, owner }: OwnedDatabase,
  statement: (database: string) => string,
): Promise<void> {
  const names = roles.filter((role) => role !== owner).map((role) => pg.escapeIdentifier(role));
  if (names.length > 0) await client.query(`${statement(pg.escapeIdentifier(name))} ${names.join(', ')}`);
}

/** Roles that come to no rights over the server, and neither does their member. */
export async function listOrdinaryRoles(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(ordinaryRoles);
  return rows.map(({ name }) => name);
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
  select rolname::text as name
  from pg_catalog.pg_roles
  where oid not in (select oid from mighty)`;
