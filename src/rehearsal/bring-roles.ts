import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import type { Evidence } from '../evidence/schema.ts';
import { lentBy, making, withDisposable } from '../postgres/disposable.ts';
import { dropRoles, restoreGlobals } from '../postgres/globals.ts';
import { globalsForLent } from '../postgres/lent-globals.ts';
import type { CommandResult } from '../system/run-program.ts';
import { toolLimits } from './limits.ts';
import type { ServedDatabase } from './served-database.ts';

/** Roles that were brought back. */
export interface BroughtRoles {
  result: CommandResult;
  notChecked: Evidence['coverage']['notChecked'];
  /** Those that are there now; null for all of the globals. */
  made: string[] | null;
  /** Those that were on a target before. */
  leftOut: string[];
}

/** Drops the roles of a rehearsal but its own, and brings those of dumped globals in a file. */
export async function bringRoles({ drill, server }: ServedDatabase, file: string): Promise<BroughtRoles> {
  const { admin } = server;
  await dropRoles(admin, [admin.user, drill.logins.reader.user]);
  const lent = lentBy(admin);
  if (lent === null) {
    return { result: await restoreGlobals(server, file, toolLimits(drill)), notChecked: [], made: null, leftOut: [] };
  }
  const globals = await readFile(file, 'utf8');
  const { roles, leftOut, text } = await withDisposable(admin, async (client) => {
    const { rows } = await client.query<{ name: string }>('select rolname::text as name from pg_catalog.pg_roles');
    const chosen = globalsForLent(globals, new Set(rows.map(({ name }) => name)), lent);
    for (const name of chosen.roles) {
      const create = `create role ${pg.escapeIdentifier(name)}`;
      await making(admin, client, { kind: 'role', name }, () => client.query(create));
    }
    return chosen;
  });
  await writeFile(file, text, { mode: 0o600 });
  const result = await restoreGlobals(server, file, toolLimits(drill));
  const notChecked = [
    {
      what: 'what roles may do on the server, their settings, and whose members they are',
      why: 'the server is one that somebody else provides (--target), and gives no rights',
    },
  ];
  return { result, notChecked, made: roles, leftOut };
}
