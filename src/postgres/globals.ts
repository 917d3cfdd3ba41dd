import pg from 'pg';
import type { CommandResult } from '../system/run-program.ts';
import { pinSearchPath, type Connection } from './connection.ts';
import {
  assertStartedHere,
  lentBy,
  making,
  withDisposable,
  type DisposableConnection,
  type DisposableTools,
} from './disposable.ts';
import { readGlobalsLine } from './globals-lines.ts';
import type { ToolLimits, ToolRunner } from './tool.ts';

/** Dumps the roles of a server and their memberships as SQL, without passwords. A status other than 0 is a result. */
export async function dumpGlobals(
  runner: ToolRunner<'pg_dumpall'>,
  admin: Connection,
  limits: ToolLimits,
): Promise<CommandResult> {
  const lent = lentBy(admin);
  const args = [
    ...['--globals-only', '--no-role-passwords', '--no-tablespaces'],
    ...(lent === null ? [] : [`--database=${lent.adminDatabase}`]),
  ];
  const result = await runner.runTool({ tool: 'pg_dumpall', args, ...admin, ...limits });
  return { ...result, stdout: result.stdout.replaceAll(emptyList, '') };
}

/** A setting of a role that is an empty list, which pg_dumpall writes as no value at all: psql would stop there. */
const emptyList = /^ALTER ROLE [^\n]* SET [a-z_]+ TO ;\n/gm;

/**
 * The first line of dumped globals that pg_dumpall does not write about roles: globals are run by a superuser, and a file
 * that anybody could have changed must not hold anything else. Null where there is none. Pure.
 */
export function findForeignLine(globals: string): number | null {
  const at = globals.split('\n').findIndex((line) => readGlobalsLine(line) === null);
  return at === -1 ? null : at + 1;
}

/** The roles that dumped globals create, as SQL writes their names. Pure. */
export function listRoles(globals: string): string[] {
  const lines = globals.split('\n').flatMap((line) => readGlobalsLine(line) ?? []);
  return lines.filter(({ kind }) => kind === 'create').map(({ role }) => role);
}

/** Takes a role of the harness out of dumped globals: it is there already. Pure. */
export function withoutRole(globals: string, role: string): string {
  const name = pg.escapeIdentifier(role);
  const about = [role, name].flatMap((each) => [`CREATE ROLE ${each};`, `ALTER ROLE ${each} `]);
  const isMembership = (line: string) =>
    line.startsWith('GRANT ') && [role, name].some((each) => / TO (.*)/.exec(line)?.[1]?.startsWith(`${each} `));
  return globals
    .split('\n')
    .filter((line) => !about.some((start) => line.startsWith(start)) && !isMembership(line))
    .join('\n');
}

/**
 * Takes out who has granted a membership, where that role has not been given the right to before. Context: it was the superuser
 * that the source started with, whose place another one takes here, and PostgreSQL 16 refuses any other grantor without that
 * right; pg_dumpall 16 leaves out all grantors of older servers, too. Still caught: memberships and their options. Pure.
 */
export function withoutUnknownGrantors(globals: string): string {
  const mayGrant = new Set<string>();
  const lines = globals.split('\n').map((line) => {
    const [, role, member, options = '', grantor] = membership.exec(line) ?? [];
    if (role === undefined) return line;
    const isKnown = grantor === undefined || mayGrant.has(`${role} by ${grantor}`);
    if (/\bADMIN (?:OPTION|TRUE)\b/.test(options)) mayGrant.add(`${role} by ${member}`);
    return isKnown ? line : `GRANT ${role} TO ${member}${options};`;
  });
  return lines.join('\n');
}

const name = String.raw`(?:"(?:[^"]|"")+"|[^\s";]+)`;
const membership = new RegExp(`^GRANT (${name}) TO (${name})((?: WITH [A-Z, ]+?)?)(?: GRANTED BY (${name}))?;$`);

/** Runs dumped globals from a file. A status other than 0 is a result. */
export async function restoreGlobals(
  runner: DisposableTools,
  file: string,
  limits: ToolLimits,
): Promise<CommandResult> {
  const args = [
    ...['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1'],
    // A superuser runs it; see connection.ts.
    `--command=${pinSearchPath}`,
    '--file=-',
  ];
  assertStartedHere(runner.admin);
  return runner.runTool({ tool: 'psql', args, ...runner.admin, ...limits, stdinFile: file });
}

/**
 * Drops every role but the system's and those named. Databases that belong to them have to be gone. Of a server that somebody
 * else provides, only those that were made here.
 */
export async function dropRoles(admin: DisposableConnection, except: string[]): Promise<void> {
  await withDisposable(admin, async (client) => {
    const { rows } = await client.query<{ rolname: string }>(
      "select rolname from pg_catalog.pg_roles where rolname !~ '^pg_' and rolname <> all ($1)",
      [except],
    );
    const lent = lentBy(admin);
    for (const { rolname: name } of rows) {
      if (lent !== null && !lent.isOurs('role', name)) continue;
      await client.query(`drop role ${pg.escapeIdentifier(name)}`);
      await lent?.forget(client, { kind: 'role', name });
    }
  });
}

/** Creates roles that cannot log in. */
export async function createRoles(admin: DisposableConnection, names: string[]): Promise<void> {
  await withDisposable(admin, async (client) => {
    for (const name of names) {
      const create = `create role ${pg.escapeIdentifier(name)} nologin`;
      await making(admin, client, { kind: 'role', name }, () => client.query(create));
    }
  });
}

/** Gives a role its password back, which globals without passwords do not hold. */
export async function setPassword(admin: DisposableConnection, { user, password }: Connection): Promise<void> {
  await withDisposable(admin, (client) =>
    client.query(`alter role ${pg.escapeIdentifier(user)} password ${pg.escapeLiteral(password)}`),
  );
}
