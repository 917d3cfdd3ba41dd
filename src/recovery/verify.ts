import pg from 'pg';
import type { Manifest } from '../backup/manifest.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';
import { isUnread } from '../snapshot/compare-tables.ts';
import type { Difference } from '../snapshot/difference.ts';
import { facets } from '../snapshot/facets.ts';
import type { FacetId, Snapshot } from '../snapshot/snapshot.ts';
import { openMoment, type Moment, type SnapshotOptions } from '../snapshot/take.ts';
import { elsewhere, findDifferences } from '../snapshot/weigh.ts';
import type { RecoveryServer } from './recovery-server.ts';

/**
 * Reads everything of a database of the server, as a role that may do nothing else: reading runs code of the database.
 * @throws OperationalError INTERRUPTED, LOGIN_REFUSED, SERVER_LOST, SOURCE_LOCKED, SOURCE_TIMED_OUT, SOURCE_NOT_READABLE, SCHEMA_NOT_READ
 */
export function readDatabase(
  server: RecoveryServer,
  name: string,
  reading: Pick<SnapshotOptions, 'ownership' | 'digestVersion'>,
  limits: ToolLimits,
): Promise<Snapshot> {
  return withMoment(server, name, { ...limits, ...reading }, (moment) => moment.read());
}

/** The definitions alone of a database, with little patience for locks: they only inform. */
export async function readDefinitions(
  server: RecoveryServer,
  name: string,
  ownership: SnapshotOptions['ownership'],
  limits: ToolLimits,
): Promise<Pick<Snapshot, 'schema'>> {
  const options = { ...limits, lockTimeoutMs: 5000, ownership };
  return { schema: await withMoment(server, name, options, (moment) => moment.readSchema()) };
}

async function withMoment<T>(
  server: RecoveryServer,
  name: string,
  options: Omit<SnapshotOptions, 'runner'>,
  read: (moment: Moment) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  try {
    await using reader = await server.openReader(name);
    await using moment = await openMoment(reader.connection, { ...options, runner: server.tools });
    const end = () => void moment[Symbol.asyncDispose]();
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await read(moment);
    } finally {
      signal?.removeEventListener('abort', end);
    }
  } catch (error) {
    if (signal?.aborted === true) {
      throw new OperationalError('INTERRUPTED', `Reading the database ${name} was interrupted.`, { cause: error });
    }
    if (!(error instanceof pg.DatabaseError)) throw error;
    const message = `The database ${name} cannot be read: ${error.message}.`;
    throw new OperationalError('SOURCE_NOT_READABLE', message, { cause: error });
  }
}

/**
 * What differs in a restored database from what its backup holds. Warnings do not speak against the backup. Pure.
 * @param serverVersion of the server that it was restored to
 */
export function verifyRestored(manifest: Manifest, restored: Snapshot, serverVersion: string): Difference[] {
  const { snapshot } = manifest;
  const unread = [...snapshot.tables, ...restored.tables].filter(isUnread).map(({ name, notRead }): Difference => ({
    rule: 'TABLE_NOT_READ',
    kind: 'changed',
    checks: facets.tables.checks,
    origin: 'backup',
    severity: 'error',
    object: name,
    expected: 'rows that can be compared',
    actual: notRead ?? '',
    remedy: 'Restore with a role that may read every table.',
  }));
  const reference = elsewhere(manifest.serverVersion, serverVersion, carriedOver);
  return [...findDifferences(snapshot, restored, reference), ...unread];
}

/**
 * Settings, limits and comment of the database, and roles, are the server's and in no dump: they come from the live database
 * as it is today, which may have changed since the backup.
 */
export const carriedOver: readonly FacetId[] = ['DATABASE', 'DATABASE_SETTING', 'ROLE', 'ROLE_MEMBERSHIP'];

/** Whether a difference is one of privileges, which a switch that came to nothing has taken from the live database. Pure. */
export function isOfPrivileges({ rule }: Pick<Difference, 'rule'>): boolean {
  return /^(?:DEFAULT_)?ACL_/.test(rule);
}
