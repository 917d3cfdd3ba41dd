import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contribution } from '../evidence/contribution.ts';
import type { Check } from '../evidence/schema.ts';
import { dumpGlobals, setPassword, withoutRole } from '../postgres/globals.ts';
import { bringRoles } from './bring-roles.ts';
import type { Drill } from './drill.ts';
import { toolLimits } from './limits.ts';
import type { ServedDatabase } from './served-database.ts';
import { assertServerUp, firstError, toolLog } from '../postgres/tool-errors.ts';

/** Dumps the roles of the server beside the dump, without their passwords. */
export async function dumpRoles(served: ServedDatabase): Promise<Contribution> {
  const { drill, server } = served;
  if (drill.profile.ownership === 'runbook') return notRehearsed('roles-dumped');
  const result = await dumpGlobals(server, server.admin, toolLimits(drill));
  const log = toolLog(result, drill.run);
  const globals = [server.admin, drill.logins.reader].reduce(
    (text, { user }) => withoutRole(text, user),
    result.stdout,
  );
  await writeFile(globalsFile(drill), globals, { mode: 0o600 });
  return rolesOutcome(served, 'roles-dumped', 'pg_dumpall', result.exitCode, log);
}

/** Drops all roles of the rehearsal, and brings them back from the dump of roles. The database has to be gone. */
export async function recreateRoles(served: ServedDatabase): Promise<Contribution> {
  const { drill, server } = served;
  if (drill.profile.ownership === 'runbook') return notRehearsed('roles-restored');
  const { result, notChecked, made } = await bringRoles(served, globalsFile(drill));
  if (result.exitCode === 0) await setPassword(server.admin, served.asOwner);
  const roles = made?.length ?? (await readFile(globalsFile(drill), 'utf8')).match(/^CREATE ROLE /gm)?.length ?? 0;
  return {
    ...(await rolesOutcome(served, 'roles-restored', 'psql', result.exitCode, toolLog(result, drill.run))),
    facts: { roles },
    coverage: { checked: [], notChecked },
  };
}

function globalsFile({ run: { directory } }: Drill): string {
  return join(directory, 'globals.sql');
}

/** For a profile that leaves roles alone. */
export function notRehearsed(id: string): Contribution {
  const reason = 'the profile leaves ownership to the runbook, which does not restore it';
  return { checks: [{ id, status: 'not-applicable', reason, expected: null, actual: null }] };
}

/** What came of the tool that dumps or restores roles. */
export async function rolesOutcome(
  served: ServedDatabase,
  id: string,
  tool: 'pg_dumpall' | 'psql',
  exitCode: number,
  log: string,
): Promise<Contribution> {
  if (exitCode !== 0) await assertServerUp(served.ofTools, tool, log);
  const check: Check = {
    id,
    status: exitCode === 0 ? 'passed' : 'failed',
    reason: null,
    expected: `${tool} ends with status 0`,
    actual: `status ${exitCode}`,
  };
  const finding = {
    rule: id === 'roles-dumped' ? 'ROLES_NOT_DUMPED' : 'ROLES_NOT_RESTORED',
    severity: 'error' as const,
    object: 'roles',
    message: `${tool} failed: ${firstError(log)}`,
    remedy: 'Make pg_dumpall --globals-only work by hand, and keep its output beside every backup.',
  };
  return { checks: [check], findings: exitCode === 0 ? [] : [finding], logs: { [`${id}.log`]: log } };
}
