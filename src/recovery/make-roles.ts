import pg from 'pg';
import type { GlobalsLine } from '../postgres/globals-lines.ts';
import { OperationalError } from '../system/operational-error.ts';
import {
  createRoleStatement,
  describeLine,
  hasPassword,
  needsPassword,
  planRoles,
  rightsOfServer,
  type NewRole,
  type RolePlan,
} from './plan-roles.ts';
import { rethrowServerError } from './server-errors.ts';

/** What came of making the roles of a backup. */
export interface MadeRoles {
  made: string[];
  /** Those of them that have the password that they had. */
  withPassword: string[];
  /** Those of them that may log in and have no password. */
  withoutPassword: string[];
  /** Those that were there before, and are as they were. */
  kept: string[];
  /** What the server did not take, and why. */
  leftOut: string[];
}

/**
 * Makes the roles of a backup on a server, all of them or none. Those that are there stay as they are.
 * @param globals checked by findForeignLine; null where none were kept
 * @param owner of the database
 * @throws OperationalError NOT_PERMITTED, and what the server says; then nothing has changed
 */
export async function makeRoles(client: pg.Client, globals: string | null, owner: string): Promise<MadeRoles> {
  const { superuser, existing, since16, self } = await readServer(client).catch(rethrowServerError);
  const plan = planRoles(globals, owner, new Set(existing));
  if (!superuser) assertOrdinary(plan, self);
  try {
    await client.query('begin');
    for (const role of plan.made) await client.query(createRoleStatement(role, superuser));
    // Whoever is no superuser gives a database only to those that it can act for.
    if (!superuser && plan.made.some(({ name }) => name === owner)) {
      const membership = since16 ? ' with inherit true, set true' : '';
      await client.query(`grant ${pg.escapeIdentifier(owner)} to current_user${membership}`);
    }
    const leftOut = await runRest(client, plan);
    await client.query('commit');
    const names = (which: (role: NewRole) => boolean) => plan.made.filter(which).map(({ name }) => name);
    return {
      made: names(() => true),
      withPassword: names(hasPassword),
      withoutPassword: names(needsPassword),
      kept: plan.kept,
      leftOut,
    };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    return rethrowServerError(error);
  }
}

/** @throws OperationalError NOT_PERMITTED */
function assertOrdinary({ made }: RolePlan, self: string): void {
  const beyond = made.flatMap((role) => rightsOfServer(role).map((right) => `${role.name} (${right})`));
  if (beyond.length === 0) return;
  const message = `The role ${self} is no superuser, and it takes one to make these roles of the backup: ${beyond.join(', ')}. Nothing was done. Log in as a superuser, or make them yourself first: roles that are there stay as they are.`;
  throw new OperationalError('NOT_PERMITTED', message);
}

async function runRest(client: pg.Client, { made, memberships }: RolePlan): Promise<string[]> {
  const leftOut: string[] = [];
  for (const line of [...made.flatMap(({ statements }) => statements), ...memberships]) {
    const problem = await (line.kind === 'membership' ? tryMembership(client, line) : tryTo(client, line.text));
    if (problem !== null) leftOut.push(`${describeLine(line)} (${problem})`);
  }
  return leftOut;
}

/** Who granted it may not be here, or may not grant here: then whoever runs this does. */
async function tryMembership(client: pg.Client, { text, rest }: GlobalsLine): Promise<string | null> {
  const [options = '', grantor] = rest.split(/(?= GRANTED BY )/);
  const problem = await tryTo(client, text);
  if (problem === null || grantor === undefined) return problem;
  return tryTo(client, `${text.slice(0, text.length - rest.length - 1)}${options};`);
}

/** @returns why the server refused a statement; null where it did not */
async function tryTo(client: pg.Client, statement: string): Promise<string | null> {
  await client.query('savepoint before');
  try {
    await client.query(statement);
    await client.query('release before');
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('rollback to before');
    return error.message;
  }
}

interface ServerRoles {
  self: string;
  superuser: boolean;
  since16: boolean;
  existing: string[];
}

async function readServer(client: pg.Client): Promise<ServerRoles> {
  const { rows } = await client.query<ServerRoles>(rolesQuery);
  const [server] = rows;
  if (server === undefined) throw new Error('The server does not know who is connected.');
  return server;
}

const rolesQuery = `
  select
    rolname::text as self,
    rolsuper as superuser,
    pg_catalog.current_setting('server_version_num')::int4 >= 160000 as since16,
    array(select rolname::text from pg_catalog.pg_roles) as existing
  from pg_catalog.pg_roles
  where rolname = current_user`;
