import pg from 'pg';
import { withClient, type Connection } from './connection.ts';
import { copyStrategy } from './copy-strategy.ts';
import { inOneDisposableSession, lentBy, making, withDisposable, type DisposableConnection } from './disposable.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Login } from './reader.ts';
import { untilDropped } from './until-dropped.ts';

/** Creates a login role without superuser rights and an empty database that belongs to it. */
export async function createRoleAndDatabase(admin: DisposableConnection, owner: Connection): Promise<void> {
  await inOneDisposableSession(admin, async () => {
    await createRole(admin, owner);
    await createDatabase(admin, owner);
  });
}

/** Creates a login role without superuser rights. */
export async function createRole(admin: DisposableConnection, { user, password }: Login): Promise<void> {
  const role = pg.escapeIdentifier(user);
  const create = `create role ${role} login nosuperuser password ${pg.escapeLiteral(password)}`;
  await withDisposable(admin, (client) =>
    making(admin, client, { kind: 'role', name: user }, () => client.query(create)),
  );
}

/**
 * Drops a database together with the sessions in it. Resolves with the moment it was gone, on the monotonic clock
 * (`performance.now()`, milliseconds).
 */
export async function dropDatabase(admin: DisposableConnection, name: string): Promise<number> {
  return withDisposable(admin, async (client) => {
    await assertMayChange(admin, client, name);
    const lent = lentBy(admin);
    if (lent === null) await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
    else await untilDropped(client, { kind: 'database', name });
    const goneAt = performance.now();
    await lent?.forget(client, { kind: 'database', name });
    return goneAt;
  });
}

/** Of a server that somebody else provides, databases that were there stay. One that is not there is nobody's. */
async function assertMayChange(admin: DisposableConnection, client: pg.Client, name: string): Promise<void> {
  const lent = lentBy(admin);
  if (lent === null || lent.isOurs('database', name)) return;
  const { rowCount } = await client.query('select from pg_catalog.pg_database where datname = $1', [name]);
  if (rowCount === 0) return;
  const message = `Refused to change the database ${name} of the target: this rehearsal has not made it.`;
  throw new OperationalError('NOT_DISPOSABLE', message);
}

/** Ends the sessions in a database and lets nobody in, superusers neither: to an application it is gone. */
export async function closeDatabase(admin: DisposableConnection, name: string): Promise<void> {
  await withDisposable(admin, async (client) => {
    await assertMayChange(admin, client, name);
    await client.query(`alter database ${pg.escapeIdentifier(name)} allow_connections false`);
    await client.query(
      'select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = $1',
      [name],
    );
  });
}

/** Lets sessions into a closed database again. */
export async function openDatabase(admin: DisposableConnection, name: string): Promise<void> {
  await withDisposable(admin, async (client) => {
    await assertMayChange(admin, client, name);
    await client.query(`alter database ${pg.escapeIdentifier(name)} allow_connections true`);
  });
}

/** Creates a database anew, as the runbook does. */
export async function createDatabase(admin: DisposableConnection, owner: Connection): Promise<void> {
  await withDisposable(admin, async (client) => {
    const create = `${createStatement(owner)} ${await copyStrategy(client)}`;
    await making(admin, client, { kind: 'database', name: owner.database }, () => client.query(create));
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
