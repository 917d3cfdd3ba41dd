import type { Contribution } from '../evidence/contribution.ts';
import type { Check, Finding } from '../evidence/schema.ts';
import type { Profile } from '../config/profile.ts';
import { createExtensions, listExtensions, withoutPrepared } from '../postgres/extensions.ts';
import type { Connection } from '../postgres/connection.ts';
import { classifyRestoreErrors, type RestoreError } from '../postgres/restore-errors.ts';
import { listArchive, restoreDatabase, restoreFlags } from '../postgres/restore.ts';
import { withoutRows } from '../process/redact.ts';
import type { Drill } from './drill.ts';
import { toolLimits } from './limits.ts';
import { assertServerUp, toolLog } from './tool-failure.ts';

/**
 * Restores the drill's dump into a database: what a superuser has to create beforehand, then pg_restore as the role
 * that the profile's ownership asks for. What pg_restore says is read and named.
 */
export async function restoreInto(drill: Drill, database: Connection): Promise<Contribution> {
  const { profile } = drill;
  const server = drill.need('server');
  const { file } = drill.need('dump');
  const asAdmin = { ...server.admin, database: database.database };
  // Giving objects back to several owners takes a superuser.
  const target = profile.ownership === 'preserve' ? asAdmin : database;
  const extensions = await prepareExtensions(drill, asAdmin, file);
  const options = {
    ownership: profile.ownership,
    goOn: profile.tolerate.length > 0,
    ...(extensions.useList !== null && { useList: extensions.useList }),
  };
  const result = await restoreDatabase(server, target, file, toolLimits(drill), options);
  const log = toolLog(result, drill);
  if (result.exitCode !== 0) await assertServerUp(drill, 'pg_restore', log);
  const errors = classifyRestoreErrors(result.stderr).map((error) => ({
    ...error,
    message: withoutRows(error.message),
  }));
  const findings = errors.map((error) => toFinding(error, profile.tolerate, new Date()));
  if (result.exitCode !== 0 && findings.length === 0) findings.push(silentFailure(log));
  const failed = findings.some(({ severity }) => severity === 'error');
  return {
    summary: failed ? `${findings.length} errors` : `pg_restore ${restoreFlags(options).join(' ')}`,
    facts: {
      options: restoreFlags(options).join(' '),
      extensions: extensions.prepared.join(', ') || 'none created beforehand',
    },
    checks: [statusCheck(result.exitCode, failed, findings.length)],
    findings,
    logs: { 'pg_restore.log': log },
  };
}

/** Extensions that the profile allows are created by the superuser, and left out of what pg_restore does. */
async function prepareExtensions(drill: Drill, admin: Connection, file: string) {
  const { extensions: allowed, database } = drill.profile;
  const nothing = { prepared: [] as string[], useList: null };
  if (allowed.length === 0) return nothing;
  const { exitCode, stdout: contents } = await listArchive(drill.need('server'), admin, file, toolLimits(drill));
  // An archive whose contents cannot be listed fails in the restore itself, where its error is named.
  if (exitCode !== 0) return nothing;
  const archived = listExtensions(contents);
  // In the order of the profile, as before the seed: some extensions change settings of the database one after another.
  const prepared = allowed.filter((name) => archived.includes(name));
  if (prepared.length === 0) return nothing;
  const schemas = await createExtensions(admin, prepared, database.owner);
  return { prepared, useList: withoutPrepared(contents, prepared, schemas) };
}

function toFinding(error: RestoreError, tolerated: Profile['tolerate'], now: Date): Finding {
  const { rule, object, message, remedy } = error;
  const known = tolerated.find(({ message: part }) => message.includes(part));
  if (known === undefined) return { rule, severity: 'error', object, message, remedy };
  const { reason, until } = known;
  if (until !== undefined && now.getTime() > Date.parse(`${until}T23:59:59.999Z`)) {
    const expired = `${message} (tolerated until ${until}: ${reason})`;
    return { rule, severity: 'error', object, message: expired, remedy: `${remedy} Or renew "until" in the profile.` };
  }
  return { rule, severity: 'warning', object, message: `${message} (tolerated: ${reason})`, remedy };
}

function silentFailure(log: string): Finding {
  return {
    rule: 'RESTORE_FAILED',
    severity: 'error',
    object: 'archive',
    message: `pg_restore failed: ${log.trim().split('\n').at(-1) ?? 'it printed nothing'}`,
    remedy: 'Run pg_restore on the archive by hand; its log is beside the evidence.',
  };
}

function statusCheck(exitCode: number, failed: boolean, errors: number): Check {
  return {
    id: 'restore-status',
    status: failed ? 'failed' : 'passed',
    reason: !failed && errors > 0 ? `${errors} errors are tolerated by the profile` : null,
    expected: 'pg_restore ends with status 0 and no error',
    actual: `status ${exitCode}, ${errors} errors`,
  };
}
