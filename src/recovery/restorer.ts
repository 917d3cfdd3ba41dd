import pg from 'pg';
import { connect, disconnect } from '../postgres/connection.ts';
import { actFor, listOrdinaryRoles, stopActing } from '../postgres/operator.ts';
import { letRead } from '../postgres/reader.ts';
import {
  createTemporaryRole,
  retire,
  type AdministeredServer,
  type OwnedDatabase,
  type TemporaryRole,
} from './temporary-roles.ts';

/** Who restores into a database. */
export interface RecoveryOperator extends TemporaryRole {
  /** Gives what it has made to the owner of the database. No code of the database runs. */
  handOver(): Promise<void>;
}

/**
 * Creates the role that a backup is restored by: what a dump holds is code, and code can leave every role that a session has
 * taken on, but not the one that it logged in as. It has the database that it restores into, for the time being, and
 * nothing else of the server; where it has to give objects to others, it may act for those. It never does for roles with
 * rights over the server.
 * @param database with the role that it belongs to in the end
 * @param actsFor whether objects are given to a role; null where all is the owner's
 * @throws OperationalError LOGIN_REFUSED where the server does not let such a role log in
 */
export async function createRecoveryOperator(
  server: AdministeredServer,
  database: OwnedDatabase,
  actsFor: ((role: string) => boolean) | null,
): Promise<RecoveryOperator> {
  const { client } = server;
  const ordinary = actsFor === null ? [] : await listOrdinaryRoles(client);
  const others = ordinary.filter((role) => actsFor?.(role) === true);
  const guard = actsFor === null ? null : await guardLive(server);
  const stopGuarding = async () => {
    if (guard !== null) await disconnect(guard);
  };
  const role = await createTemporaryRole(server, 'operator', database, async (operator) => {
    if (actsFor !== null) return actFor(client, operator, others, database);
    await client.query(
      `alter database ${pg.escapeIdentifier(database.name)} owner to ${pg.escapeIdentifier(operator)}`,
    );
  }).catch(async (error: unknown) => {
    await stopGuarding();
    throw error;
  });
  return {
    ...role,
    async [Symbol.asyncDispose]() {
      await role[Symbol.asyncDispose]();
      await stopGuarding();
    },
    async handOver() {
      await retire(server, role.connection.user, database);
      await stopActing(client, others, database);
    },
  };
}

/**
 * Whoever may act for the owner of the live database could drop it, or rename it: neither is possible while a superuser has a
 * session in it, whom the owner cannot send away. Null where there is none that lets sessions in.
 */
async function guardLive({ admin, live }: AdministeredServer): Promise<pg.Client | null> {
  return connect({ ...admin, database: live }).catch(() => null);
}

/**
 * Creates the role that a database is read by. It sees every row and may do nothing: reading runs code of the database.
 * @throws OperationalError LOGIN_REFUSED where the server does not let such a role log in
 */
export async function createRecoveryReader(
  server: AdministeredServer,
  database: OwnedDatabase,
): Promise<TemporaryRole> {
  const { client } = server;
  return createTemporaryRole(server, 'reader', database, async (reader) => {
    await letRead(client, reader);
    const { rows } = await client.query<{ may: boolean }>(
      "select pg_catalog.has_database_privilege($1, $2, 'connect') as may",
      [reader, database.name],
    );
    if (rows[0]?.may !== true) {
      const name = pg.escapeIdentifier(database.name);
      await client.query(`grant connect on database ${name} to ${pg.escapeIdentifier(reader)}`);
    }
  });
}
