import pg from 'pg';
import type { Manifest } from '../backup/manifest.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';
import { isUnread } from '../snapshot/compare-tables.ts';
import { compareSnapshots } from '../snapshot/compare.ts';
import type { Difference } from '../snapshot/difference.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { openMoment, type SnapshotOptions } from '../snapshot/take.ts';
import type { RecoveryServer } from './recovery-server.ts';

/**
 * Reads everything of a database of the server, as a role that may do nothing else: reading runs code of the database.
 * @throws OperationalError INTERRUPTED, LOGIN_REFUSED, SERVER_LOST, SOURCE_LOCKED, SOURCE_TIMED_OUT, SOURCE_NOT_READABLE, SCHEMA_NOT_READ
 */
export async function readDatabase(
  server: RecoveryServer,
  name: string,
  reading: Pick<SnapshotOptions, 'ownership' | 'digestVersion'>,
  limits: ToolLimits,
): Promise<Snapshot> {
  const { signal } = limits;
  try {
    await using reader = await server.openReader(name);
    await using moment = await openMoment(reader.connection, { ...limits, ...reading, runner: server.tools });
    const end = () => void moment[Symbol.asyncDispose]();
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await moment.read();
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

/** What differs in a restored database from what its backup holds. Pure. */
export function findDifferences(manifest: Manifest, restored: Snapshot): Difference[] {
  const [before, after] = [manifest.snapshot, restored].map(withoutServer) as [Snapshot, Snapshot];
  const unread = [...before.tables, ...after.tables].filter(isUnread).map(({ name, notRead }) => ({
    rule: 'TABLE_NOT_READ',
    severity: 'error' as const,
    object: name,
    expected: 'rows that can be compared',
    actual: notRead ?? '',
    remedy: 'Restore with a role that may read every table.',
  }));
  const differences = compareSnapshots(before, after).filter(isOfBackup);
  return [...differences.filter(({ severity }) => severity === 'error'), ...unread];
}

/**
 * Context: the version of a collation is the operating system's, which may be newer where a database is restored after an
 * incident; its indexes have just been built with it. Still caught: every row, and every other property.
 */
function isOfBackup({ rule }: Difference): boolean {
  return !rule.startsWith('COLLATION_VERSION_');
}

/**
 * Settings, limits and comment of the database, and roles, are the server's and in no dump: they come from the live database
 * as it is today, which may have changed since the backup.
 */
export function withoutServer({ state, ...contents }: Snapshot): Snapshot {
  const ofServer = ['DATABASE', 'DATABASE_SETTING', 'ROLE', 'ROLE_MEMBERSHIP'];
  const ofDatabase = Object.entries(state).filter(([category]) => !ofServer.includes(category));
  return { ...contents, state: Object.fromEntries(ofDatabase) };
}
