import pg from 'pg';
import type { CommandResult } from '../process/run.ts';
import { withClient, type Connection } from './connection.ts';
import type { ToolLimits, ToolRunner } from './tool.ts';

/** Dumps the roles of a server and their memberships as SQL, without passwords. A status other than 0 is a result. */
export async function dumpGlobals(runner: ToolRunner, admin: Connection, limits: ToolLimits): Promise<CommandResult> {
  const args = ['--globals-only', '--no-role-passwords', '--no-tablespaces'];
  return runner.runTool({ tool: 'pg_dumpall', args, ...admin, ...limits });
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

/** Runs dumped globals from a file. A status other than 0 is a result. */
export async function restoreGlobals(
  runner: ToolRunner,
  admin: Connection,
  file: string,
  limits: ToolLimits,
): Promise<CommandResult> {
  const args = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-'];
  return runner.runTool({ tool: 'psql', args, ...admin, ...limits, stdinFile: file });
}

/** Drops every role but the system's and those named. Databases that belong to them have to be gone. */
export async function dropRoles(admin: Connection, except: string[]): Promise<void> {
  await withClient(admin, async (client) => {
    const { rows } = await client.query<{ rolname: string }>(
      "select rolname from pg_catalog.pg_roles where rolname !~ '^pg_' and rolname <> all ($1)",
      [except],
    );
    for (const { rolname } of rows) await client.query(`drop role ${pg.escapeIdentifier(rolname)}`);
  });
}

/** Creates roles that cannot log in. */
export async function createRoles(admin: Connection, names: string[]): Promise<void> {
  await withClient(admin, async (client) => {
    for (const name of names) await client.query(`create role ${pg.escapeIdentifier(name)} nologin`);
  });
}

/** Gives a role its password back, which globals without passwords do not hold. */
export async function setPassword(admin: Connection, { user, password }: Connection): Promise<void> {
  await withClient(admin, (client) =>
    client.query(`alter role ${pg.escapeIdentifier(user)} password ${pg.escapeLiteral(password)}`),
  );
}
