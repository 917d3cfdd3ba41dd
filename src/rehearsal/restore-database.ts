import type { Contribution } from '../evidence/contribution.ts';
import type { Check, Facts, Finding } from '../evidence/schema.ts';
import { createExtensions, listExtensions, withoutPrepared } from '../postgres/extensions.ts';
import type { DumpFile } from '../postgres/archive-input.ts';
import type { DisposableConnection } from '../postgres/disposable.ts';
import type { PlainDump } from '../postgres/plain-dump-reader.ts';
import { scanPlainDump, startsAsPlainDump } from '../postgres/plain-dump.ts';
import { classifyRestoreErrors } from '../postgres/restore-errors.ts';
import { plainRestoreFlags, restorePlain } from '../postgres/restore-plain.ts';
import {
  listArchive,
  restoreDatabase,
  restoreFlags,
  restoreSchemasFirst,
  type RestoreOptions,
} from '../postgres/restore.ts';
import { lastLine } from '../system/last-line.ts';
import { withoutRows } from '../system/without-rows.ts';
import type { CommandResult } from '../system/run.ts';
import type { Drill } from './drill.ts';
import { toolLimits } from './limits.ts';
import { refusePlainDump } from './refuse-plain-dump.ts';
import { chooseRestorer } from './restorer.ts';
import { weighTolerated } from './tolerance.ts';
import { assertServerUp, toolLog } from './tool-errors.ts';

/**
 * Restores the drill's dump into a database: what a superuser has to create beforehand, then pg_restore, or psql for a
 * plain SQL dump, as the role that the profile asks for. What they say is read and named.
 */
export async function restoreInto(drill: Drill, database: DisposableConnection): Promise<Contribution> {
  const dump = drill.need('dump');
  const plain = startsAsPlainDump(dump.head) ? await scanPlainDump(dump) : null;
  if (plain !== null && plain.metaCommands.length > 0) return refusePlainDump(plain);
  await using restorer = await chooseRestorer(drill, database);
  const restored = await (plain === null
    ? restoreArchive(drill, restorer.connection)
    : restoreSql(drill, restorer.connection, plain));
  const contribution = await readOutcome(drill, restored);
  return { ...contribution, findings: [...restorer.findings, ...(contribution.findings ?? [])] };
}

/** What came of the tool that restored, whichever it was. */
interface Restored {
  tool: 'pg_restore' | 'psql';
  flags: string[];
  result: CommandResult;
  facts: Facts;
}

async function restoreArchive(drill: Drill, target: DisposableConnection): Promise<Restored> {
  const { profile } = drill;
  const server = drill.need('server');
  const dump = drill.need('dump');
  const asAdmin = { ...server.admin, database: target.database };
  const extensions = await prepareExtensions(drill, asAdmin, dump);
  const options = {
    ownership: profile.ownership,
    goOn: profile.tolerate.length > 0,
    ...(extensions.useList !== null && { useList: extensions.useList }),
  };
  return {
    tool: 'pg_restore',
    flags: restoreFlags(options),
    result: await restoreAs(drill, target, dump, options),
    facts: { extensions: extensions.prepared.join(', ') || 'none created beforehand' },
  };
}

async function restoreAs(drill: Drill, target: DisposableConnection, dump: DumpFile, options: RestoreOptions) {
  const server = drill.need('server');
  const limits = toolLimits(drill);
  if (target.user !== drill.operator.user) return restoreDatabase(server, target, dump, limits, options);
  const { exitCode, stdout } = await listArchive(server, target, dump, limits);
  return restoreSchemasFirst(server, target, dump, limits, { options, contents: exitCode === 0 ? stdout : null });
}

async function restoreSql(drill: Drill, target: DisposableConnection, scanned: PlainDump): Promise<Restored> {
  const server = drill.need('server');
  const admin = { ...server.admin, database: target.database };
  const { extensions, database } = drill.profile;
  // pg_dump writes CREATE EXTENSION IF NOT EXISTS: what is there already is passed over.
  await createExtensions(admin, extensions, database.owner);
  const { restricted, ...result } = await restorePlain(server, target, drill.need('dump'), scanned, toolLimits(drill));
  return { tool: 'psql', flags: plainRestoreFlags, result, facts: { restrictedByPsql: restricted } };
}

async function readOutcome(drill: Drill, { tool, flags, result, facts }: Restored): Promise<Contribution> {
  const log = toolLog(result, drill);
  if (result.exitCode !== 0) await assertServerUp(drill, tool, log);
  const errors = classifyRestoreErrors(result.stderr).map((error) => ({
    ...error,
    message: withoutRows(error.message),
  }));
  const findings = errors.map((error) =>
    weighTolerated({ ...error, severity: 'error' }, drill.profile.tolerate, new Date()),
  );
  if (result.exitCode !== 0 && findings.length === 0) findings.push(silentFailure(tool, log));
  const failed = findings.some(({ severity }) => severity === 'error');
  return {
    summary: failed ? `${findings.length} errors` : `${tool} ${flags.join(' ')}`,
    facts: { options: flags.join(' '), ...facts },
    checks: [statusCheck(tool, result.exitCode, failed, findings.length)],
    findings,
    logs: { [`${tool}.log`]: log },
  };
}

/** Extensions that the profile allows are created by the superuser, and left out of what pg_restore does. */
async function prepareExtensions(drill: Drill, admin: DisposableConnection, dump: DumpFile) {
  const { extensions: allowed, database } = drill.profile;
  const nothing = { prepared: [] as string[], useList: null };
  if (allowed.length === 0) return nothing;
  const { exitCode, stdout: contents } = await listArchive(drill.need('server'), admin, dump, toolLimits(drill));
  // An archive whose contents cannot be listed fails in the restore itself, where its error is named.
  if (exitCode !== 0) return nothing;
  const archived = listExtensions(contents);
  // In the order of the profile, as before the seed: some extensions change settings of the database one after another.
  const prepared = allowed.filter((name) => archived.includes(name));
  if (prepared.length === 0) return nothing;
  const schemas = await createExtensions(admin, prepared, database.owner);
  return { prepared, useList: withoutPrepared(contents, prepared, schemas) };
}

function silentFailure(tool: string, log: string): Finding {
  return {
    rule: 'RESTORE_FAILED',
    severity: 'error',
    object: 'archive',
    message: `${tool} failed: ${lastLine(log)}`,
    remedy: `Run ${tool} on the archive by hand; its log is beside the evidence.`,
  };
}

function statusCheck(tool: string, exitCode: number, failed: boolean, errors: number): Check {
  return {
    id: 'restore-status',
    status: failed ? 'failed' : 'passed',
    reason: !failed && errors > 0 ? `${errors} errors are tolerated by the profile` : null,
    expected: `${tool} ends with status 0 and no error`,
    actual: `status ${exitCode}, ${errors} errors`,
  };
}
