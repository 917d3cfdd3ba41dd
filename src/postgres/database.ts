import pg from 'pg';
import { withClient, type Connection } from './connection.ts';
import { copyStrategy } from './copy-strategy.ts';
import { withDisposable, type DisposableConnection } from './disposable.ts';
import type { Login } from './reader.ts';

/** Creates a login role without superuser rights and an empty database that belongs to it. */
export async function createRoleAndDatabase(admin: DisposableConnection, owner: Connection): Promise<void> {
  await createRole(admin, owner);
  await createDatabase(admin, owner);
}

/** Creates a login role without superuser rights. */
export async function createRole(admin: DisposableConnection, { user, password }: Login): Promise<void> {
  const role = pg.escapeIdentifier(user);
  await withDisposable(admin, (client) =>
    client.query(`create role ${role} login nosuperuser password ${pg.escapeLiteral(password)}`),
  );
}

/**
 * Drops a database together with the sessions in it. Resolves with the moment it was gone, on the monotonic clock
 * (`performance.now()`, milliseconds).
 */
export async function dropDatabase(admin: DisposableConnection, name: string): Promise<number> {
  return withDisposable(admin, async (client) => {
    await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
    return performance.now();
  });
}

/** Ends the sessions in a database and lets nobody in, superusers neither: to an application it is gone. */
export async function closeDatabase(admin: DisposableConnection, name: string): Promise<void> {
  await withDisposable(admin, async (client) => {
    await client.query(`alter database ${pg.escapeIdentifier(name)} allow_connections false`);
    await client.query(
      'select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = $1',
      [name],
    );
  });
}

/** Lets sessions into a closed database again. */
export async function openDatabase(admin: DisposableConnection, name: string): Promise<void> {
  await withDisposable(admin, (client) =>
    client.query(`alter database ${pg.escapeIdentifier(name)} allow_connections true`),
  );
}

/** Creates a database anew, as the runbook does. */
export async function createDatabase(admin: DisposableConnection, owner: Connection): Promise<void> {
  await withDisposable(admin, async (client) => {
    await client.query(`${createStatement(owner)} ${await copyStrategy(client)}`);
  });
}

/** How many relations, functions, types and schemas a database holds that initdb did not put there. */
export async function countUserObjects(connection: Connection): Promise<number> {
  return withClient(connection, async (client) => {
    const { rows } = await client.query<{ objects: number }>(userObjects);
    return rows[0]?.objects ?? 0;
  });
}

function createStatement({ database, user }: Connection): string {
  return `create database ${pg.escapeIdentifier(database)} owner ${pg.escapeIdentifier(user)}`;
}

/** Objects of initdb have oids below 16384 (FirstNormalObjectId in PostgreSQL's access/transam.h). */
const userObjects = `
  select (
    (select pg_catalog.count(*) from pg_catalog.pg_class where oid >= 16384)
    + (select pg_catalog.count(*) from pg_catalog.pg_proc where oid >= 16384)
    + (select pg_catalog.count(*) from pg_catalog.pg_type where oid >= 16384)
    + (select pg_catalog.count(*) from pg_catalog.pg_namespace where oid >= 16384)
    )::int as objects`;
