import { listExtensions, withoutPrepared } from '../postgres/extensions.ts';
import { classifyRestoreErrors } from '../postgres/restore-errors.ts';
import { listArchive, restoreDatabase, type RestoreOptions } from '../postgres/restore.ts';
import { redact, withoutRows } from '../process/redact.ts';
import type { CommandResult } from '../process/run.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { ownershipOf, type RecoveryRequest } from './request.ts';

/**
 * The table of contents of the dump.
 * @throws RehearsalError RESTORE_FAILED where it is no archive that this pg_restore can read
 */
export async function readContents(server: RecoveryServer, { examination, limits }: RecoveryRequest): Promise<string> {
  const result = await listArchive(server.tools, server.connectionTo(server.live), examination.dump, limits);
  if (result.exitCode !== 0) throw explain(server, result);
  return result.stdout;
}

/**
 * Restores the dump into a database of ours. With the runbook's ownership everything in it comes to belong to the owner of
 * the database; else owners and privileges come from the dump.
 * @param allowed extensions that a superuser may create for the owner: those that the live database has
 * @throws RehearsalError RESTORE_FAILED, DISK_FULL, CONNECTION_LOST, INTERRUPTED and what running a tool throws
 */
export async function fill(
  server: RecoveryServer,
  name: string,
  request: RecoveryRequest,
  { contents, owner, allowed }: { contents: string; owner: string; allowed: string[] },
): Promise<void> {
  const { examination, limits, profile, onProgress } = request;
  const asOwner = ownershipOf(request) === 'runbook' && profile.restoreAs === 'operator';
  const prepared = asOwner ? listExtensions(contents).filter((extension) => allowed.includes(extension)) : [];
  const schemas = prepared.length === 0 ? [] : await server.createExtensions(name, prepared, owner);
  const options: RestoreOptions = {
    ownership: asOwner ? 'runbook' : 'preserve',
    goOn: false,
    ...(asOwner && { role: owner }),
    ...(prepared.length > 0 && { useList: withoutPrepared(contents, prepared, schemas) }),
    ...(onProgress && { onProgress }),
  };
  const { tools, target } = await server.toolsFor(name);
  const result = await restoreDatabase(tools, target, examination.dump, limits, options);
  if (result.exitCode !== 0) throw explain(server, result);
}

function explain({ secrets }: RecoveryServer, { stderr, exitCode }: CommandResult): RehearsalError {
  const log = redact(withoutRows(stderr), secrets);
  const [first] = classifyRestoreErrors(log);
  const message = first?.message ?? log.trim().split('\n').at(-1) ?? '';
  const failed = `pg_restore failed: ${message === '' ? `status ${exitCode}` : message}`;
  // Where a part of a block still fits, PostgreSQL says how much of it was written.
  if (/No space left on device|could not extend file/.test(log)) {
    return new RehearsalError('DISK_FULL', `${failed}. The disk of the server is full: free some space, start again.`);
  }
  if (/server closed the connection|terminating connection|connection to server .* failed/.test(log)) {
    return new RehearsalError('CONNECTION_LOST', `${failed}. See whether the server still runs, and start again.`);
  }
  const known = first !== undefined && first.rule !== 'RESTORE_FAILED';
  const remedy = known ? first.remedy : 'Make pg_restore work by hand on this dump.';
  return new RehearsalError('RESTORE_FAILED', `${failed}\n${remedy}`);
}
