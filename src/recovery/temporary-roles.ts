import pg from 'pg';
import * as z from 'zod';
import { connect, disconnect, withClient, type Connection } from '../postgres/connection.ts';
import { handOver } from '../postgres/hand-over.ts';
import { randomLogin } from '../postgres/random-login.ts';
import { scramVerifier } from '../postgres/scram.ts';
import { shieldRole } from '../postgres/shield-role.ts';
import { explainLoginError } from './login-errors.ts';

/** A server with a session of its administrator. */
export interface AdministeredServer {
  client: pg.Client;
  admin: Connection;
  /** Name of the database beside which backups are restored. */
  live: string;
  /** How a line of its pg_hba.conf starts that is about our sessions. */
  hbaLine: string;
}

/** A database with the role that it belongs to in the end. */
export interface OwnedDatabase {
  name: string;
  owner: string;
}

/** A role that is there for a while. */
export interface TemporaryRole extends AsyncDisposable {
  /** The login into the one database that it was made for. */
  readonly connection: Connection;
}

/** Makes a role and its mark in one transaction, with a password that no log of the server shows. */
export async function createTemporaryRole(
  server: AdministeredServer,
  purpose: 'operator' | 'reader',
  database: OwnedDatabase,
  giveRights: (role: string) => Promise<void>,
): Promise<TemporaryRole> {
  const { client, admin, live, hbaLine } = server;
  const login = randomLogin(purpose);
  const role = pg.escapeIdentifier(login.user);
  const self = await readSelf(client);
  const passesPolicies = purpose === 'reader' && self.passesPolicies ? 'bypassrls' : '';
  const mark: RoleMark = {
    tool: 'restore-rehearsal',
    role: purpose,
    database: live,
    restored: database.name,
    owner: database.owner,
  };
  try {
    await client.query('begin');
    await client.query(
      `create role ${role} login nosuperuser ${passesPolicies} password ${pg.escapeLiteral(scramVerifier(login.password))}`,
    );
    await client.query(`comment on role ${role} is ${pg.escapeLiteral(JSON.stringify(mark))}`);
    // A superuser acts for everybody.
    if (self.superuser) await shieldRole(client, login.user);
    else await client.query(`grant ${role} to current_user${self.membership}`);
    await giveRights(login.user);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  const dispose = () => dropRole(server, login.user, database).catch(() => undefined);
  const connection = { ...admin, ...login, database: database.name };
  try {
    await disconnect(await connect(connection));
  } catch (error) {
    await dispose();
    throw explainLoginError(error, connection, hbaLine);
  }
  return { connection, [Symbol.asyncDispose]: dispose };
}

/** Ends what a role still does, and gives what it has in a database to the owner. */
export async function retire({ client, admin }: AdministeredServer, role: string, database: OwnedDatabase) {
  await client.query(
    'select pg_catalog.pg_terminate_backend(pid, 5000) from pg_catalog.pg_stat_activity where usename = $1',
    [role],
  );
  const { membership } = await readSelf(client);
  const { rows } = await client.query<{ circular: boolean }>(
    "select pg_catalog.pg_has_role($1, $2, 'member') as circular",
    [role, database.owner],
  );
  const [from, to] = [role, database.owner].map((name) => pg.escapeIdentifier(name)) as [string, string];
  // Who is given a function needs the right to create in its schema, which is still the other's.
  if (rows[0]?.circular !== true) await client.query(`grant ${from} to ${to}${membership}`);
  await withClient({ ...admin, database: database.name }, async (inside) => {
    await inside.query(`set lock_timeout = ${lockWaitMs}`);
    await handOver(inside, role, database.owner);
  });
}

const lockWaitMs = 10_000;

async function dropRole(server: AdministeredServer, role: string, database: OwnedDatabase) {
  const { client } = server;
  const there = await client.query('select from pg_catalog.pg_roles where rolname = $1', [role]);
  if (there.rowCount === 0) return;
  const still = await client.query('select from pg_catalog.pg_database where datname = $1', [database.name]);
  if (still.rowCount !== 0) await retire(server, role, database);
  await client.query(`drop role ${pg.escapeIdentifier(role)}`);
}

/** Who the administrator is, and how a membership is granted that can be used in every way. */
async function readSelf(client: pg.Client) {
  const { rows } = await client.query<{ superuser: boolean; passes: boolean; version: number }>(
    `select rolsuper as superuser, rolbypassrls as passes, pg_catalog.current_setting('server_version_num')::int4 as version
    from pg_catalog.pg_roles
    where rolname = current_user`,
  );
  const { superuser = false, passes = false, version = 0 } = rows[0] ?? {};
  const since16 = version >= 160_000;
  return {
    superuser,
    // Before version 16, only a superuser gives this right.
    passesPolicies: superuser || (since16 && passes),
    membership: since16 ? ' with inherit true, set true' : '',
  };
}

/** Removes roles that a run beside this database made and was killed before it could remove. What cannot be removed stays. */
export async function removeLeftRoles(server: AdministeredServer): Promise<void> {
  const { rows } = await server.client.query<{ name: string; comment: string | null }>(markedRoles);
  for (const { name, comment } of rows) {
    const mark = readMark(comment);
    if (mark?.database !== server.live) continue;
    await dropRole(server, name, { name: mark.restored, owner: mark.owner }).catch(() => undefined);
  }
}

/**
 * What the comment on a role says that was made here, in the transaction that made it: nobody else's has it. With it the
 * next run knows what to do with one that a kill has left.
 */
const markSchema = z.strictObject({
  tool: z.literal('restore-rehearsal'),
  role: z.enum(['operator', 'reader']),
  /** Name of the live database. */
  database: z.string(),
  /** The database that it works on, and who that belongs to in the end. */
  restored: z.string(),
  owner: z.string(),
});

type RoleMark = z.output<typeof markSchema>;

function readMark(comment: string | null): RoleMark | null {
  try {
    return markSchema.safeParse(JSON.parse(comment ?? '')).data ?? null;
  } catch {
    return null;
  }
}

const markedRoles = `
  select rolname::text as name, pg_catalog.shobj_description(oid, 'pg_authid') as comment
  from pg_catalog.pg_roles
  where rolname ~ '^restore_rehearsal_(operator|reader)_[0-9a-f]{12}$'
  and not rolsuper`;
