import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contribution } from '../evidence/contribution.ts';
import { createRole } from '../postgres/database.ts';
import { findForeignLine, listRoles, setPassword, withoutRole, withoutUnknownGrantors } from '../postgres/globals.ts';
import { bringRoles } from './bring-roles.ts';
import { notRehearsed, rolesOutcome } from './roles.ts';
import type { ServedDatabase } from './served-database.ts';
import { toolLog } from '../postgres/tool-errors.ts';

/**
 * Creates the roles that were kept beside the chosen backup. Where ownership is not preserved, or none were kept, the roles of
 * the profile have to do.
 */
export async function restoreBackupRoles(served: ServedDatabase, text: string | null): Promise<Contribution> {
  const { drill, server } = served;
  if (drill.profile.ownership === 'runbook') return notRehearsed('roles-restored');
  if (text === null) return notKept;
  const foreign = findForeignLine(text);
  if (foreign !== null) return refused(foreign, drill.suggest('backup'));
  const harness = [server.admin.user, drill.logins.reader.user];
  const file = join(drill.run.directory, 'globals.sql');
  const own = harness.reduce((rest, role) => withoutRole(rest, role), text);
  await writeFile(file, withoutUnknownGrantors(own.replace(leftOut, '')), { mode: 0o600 });
  const { result, notChecked, made, leftOut: there } = await bringRoles(served, file);
  const roles = made ?? listRoles(own);
  if (result.exitCode === 0) await letOwnerIn(served, roles);
  return {
    ...(await rolesOutcome(served, 'roles-restored', 'psql', result.exitCode, toolLog(result, drill.run))),
    facts: { roles: roles.length },
    coverage: {
      checked: [],
      notChecked: [
        ...notChecked,
        ...(there.length === 0
          ? []
          : [{ what: `the roles ${there.join(', ')}`, why: 'they were on the target before, and are left alone' }]),
      ],
    },
  };
}

/** Globals hold no passwords. */
async function letOwnerIn({ server, asOwner }: ServedDatabase, roles: string[]): Promise<void> {
  if (roles.includes(asOwner.user)) await setPassword(server.admin, asOwner);
  else await createRole(server.admin, asOwner);
}

/**
 * Commands of psql around a dump, which an old psql does not know, and what roles have set in databases, which are not there
 * yet: for the restored one, the manifest has it.
 */
const leftOut = /^(?:\\(?:un)?restrict |ALTER ROLE (?:\w+|"(?:[^"]|"")+") IN DATABASE ).*$/gm;

const notKept: Contribution = {
  checks: [
    {
      id: 'roles-restored',
      status: 'not-applicable',
      reason: 'no roles were kept beside the backup; those of the profile are there',
      expected: null,
      actual: null,
    },
  ],
};

function refused(line: number, takeNew: string): Contribution {
  return {
    summary: 'the roles were refused',
    checks: [
      {
        id: 'roles-restored',
        status: 'failed',
        reason: null,
        expected: 'nothing but what pg_dumpall writes about roles',
        actual: `something else in line ${line}`,
      },
    ],
    findings: [
      {
        rule: 'GLOBALS_REFUSED',
        severity: 'error',
        object: `line ${line}`,
        message: `Line ${line} of the globals is none that pg_dumpall --globals-only --no-role-passwords writes about roles. A superuser would have run it, so nothing of it was run.`,
        remedy: `Find out who changed the file, or take a new backup: ${takeNew}`,
      },
    ],
  };
}
