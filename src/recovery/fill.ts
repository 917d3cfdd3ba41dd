import { withClient, type Connection } from '../postgres/connection.ts';
import { listExtensions, withoutPrepared } from '../postgres/extensions.ts';
import { classifyRestoreErrors } from '../postgres/restore-errors.ts';
import {
  listArchive,
  ownersIn,
  restoreDatabase,
  restoreSchemasFirst,
  type RestoreOptions,
} from '../postgres/restore.ts';
import type { ToolTarget } from '../postgres/tool.ts';
import { redact } from '../system/redact.ts';
import { withoutRows } from '../system/without-rows.ts';
import type { CommandResult } from '../system/run.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { assertNotInterrupted, ownershipOf, type RecoveryRequest } from './request.ts';

/**
 * The table of contents of the dump.
 * @throws OperationalError RESTORE_FAILED where it is no archive that this pg_restore can read
 */
export async function readContents(server: RecoveryServer, { examination, limits }: RecoveryRequest): Promise<string> {
  const result = await listArchive(server.tools, nowhere, examination.dump, limits);
  if (result.exitCode !== 0) throw explain(server, result);
  return result.stdout;
}

/** The table of contents is read without a connection. */
const nowhere: ToolTarget = { user: '', password: '', database: '' };

/**
 * Restores the dump into a database of ours and gathers statistics, as a role without rights over the server. With the
 * runbook's ownership everything in it comes to belong to the owner of the database; else owners and privileges come from
 * the dump.
 * @param allowed extensions that a superuser may create for the owner: those that the live database has
 * @throws OperationalError LOGIN_REFUSED, RESTORE_FAILED, DISK_FULL, CONNECTION_LOST, INTERRUPTED and what running a tool throws
 */
export async function fill(
  server: RecoveryServer,
  name: string,
  request: RecoveryRequest,
  { contents, owner, allowed }: { contents: string; owner: string; allowed: string[] },
): Promise<void> {
  const ownership = ownershipOf(request);
  const asSuperuser = request.profile.restoreAs === 'superuser';
  const actsFor = ownership === 'runbook' ? null : ownersIn(contents);
  await using restorer = await server.openRestorer(name, owner, asSuperuser ? 'superuser' : { actsFor });
  const prepared = asSuperuser ? [] : listExtensions(contents).filter((extension) => allowed.includes(extension));
  const roles = [owner, restorer.connection.user];
  const schemas = prepared.length === 0 ? [] : await server.createExtensions(name, prepared, roles);
  const options: RestoreOptions = {
    ownership: asSuperuser ? 'preserve' : ownership,
    goOn: false,
    ...(prepared.length > 0 && { useList: withoutPrepared(contents, prepared, schemas) }),
    ...(request.onProgress && { onProgress: request.onProgress }),
  };
  const { tools, connection } = restorer;
  const { examination, limits } = request;
  const result = await (actsFor === null
    ? restoreDatabase(tools, connection, examination.dump, limits, options)
    : restoreSchemasFirst(tools, connection, examination.dump, limits, { options, contents }));
  if (result.exitCode !== 0) throw explain(server, result);
  assertNotInterrupted(request);
  request.say('gathering statistics');
  await analyze(connection);
  await restorer.handOver();
}

/** Without the statistics, which a dump does not hold, the first queries would be planned blindly. Functions of indexes run. */
async function analyze(restored: Connection): Promise<void> {
  await withClient(restored, (client) => client.query('set statement_timeout = 0; analyze'));
}

function explain({ secrets }: RecoveryServer, { stderr, exitCode }: CommandResult): OperationalError {
  const log = redact(withoutRows(stderr), secrets);
  const [first] = classifyRestoreErrors(log);
  const message = first?.message ?? log.trim().split('\n').at(-1) ?? '';
  const failed = `pg_restore failed: ${message === '' ? `status ${exitCode}` : message}`;
  // Where a part of a block still fits, PostgreSQL says how much of it was written.
  if (/No space left on device|could not extend file/.test(log)) {
    return new OperationalError(
      'DISK_FULL',
      `${failed}. The disk of the server is full: free some space, start again.`,
    );
  }
  if (/server closed the connection|terminating connection|connection to server .* failed/.test(log)) {
    return new OperationalError('CONNECTION_LOST', `${failed}. See whether the server still runs, and start again.`);
  }
  if (first?.rule === 'PERMISSION_DENIED')
    return new OperationalError('RESTORE_FAILED', `${failed}\n${takesSuperuser}`);
  const known = first !== undefined && first.rule !== 'RESTORE_FAILED';
  const remedy = known ? first.remedy : 'Make pg_restore work by hand on this dump.';
  return new OperationalError('RESTORE_FAILED', `${failed}\n${remedy}`);
}

const takesSuperuser =
  'The role that restores has no rights but in the new database, and may only act for the roles without rights over the server that own something in the dump. ' +
  'What takes a superuser (event triggers, objects of superusers) needs restoreAs: "superuser" in the profile: then the code of the dump has all rights of this server. Do so only with a dump that you trust.';
