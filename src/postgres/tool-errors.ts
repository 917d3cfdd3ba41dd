import type { Activity } from './activity.ts';
import type { CommandResult } from '../system/run-program.ts';
import { sayFull } from './full-disk.ts';
import { lastLine } from '../system/last-line.ts';
import { redact } from '../system/redact.ts';
import { withoutRows } from '../system/without-rows.ts';
import { isOutOfLocks, outOfLocks, withClient, type Connection } from './connection.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { ToolName } from './tool.ts';

/** What a tool printed, without secrets and rows. */
export function toolLog({ stderr }: Pick<CommandResult, 'stderr'>, { secrets }: { secrets: string[] }): string {
  return redact(withoutRows(stderr), secrets);
}

/** A server that tools work on. */
export interface ServerOfTools {
  /** In words, for people. */
  readonly description: string;
  /** Nobody else sets a timeout for the tool's session, or holds a lock that it needs. */
  readonly isDisposable?: boolean;
  /** What it is at in a database; null where it is at nothing. */
  statementIn?(database: string): Promise<string | null>;
  /** Looks now and then at what sessions of ours do in a database; see watch-activity.ts. */
  watch?(database: string, see: (activity: Activity[]) => void): AsyncDisposable;
  /** Whether it still lets sessions in. */
  isUp(): Promise<boolean>;
}

/** Whether a login works now. */
export async function canConnect(connection: Connection): Promise<boolean> {
  return withClient(connection, (client) => client.query('select')).then(
    () => true,
    () => false,
  );
}

/**
 * Sees to it that a tool failed for the backup's sake.
 * @param endsSessions whether what the tool ran may end sessions by itself: else somebody or something else has ended this one
 * @throws OperationalError where the machine or the server is to blame instead: DISK_FULL, SOURCE_LOCKED, CONNECTION_LOST, SERVER_LOST
 */
export async function assertServerUp(
  server: ServerOfTools,
  tool: ToolName,
  log: string,
  { endsSessions = false } = {},
): Promise<void> {
  // Where a part of a block still fits, PostgreSQL says how much of it was written.
  if (/No space left on device|could not extend file/.test(log)) {
    const { what, remedy } = sayFull(log);
    throw new OperationalError('DISK_FULL', `${tool} failed because ${what} is full. ${remedy}`);
  }
  if (isOutOfLocks(log)) throw new OperationalError('LOCKS_EXHAUSTED', `${tool} failed: ${outOfLocks}`);
  // pg_dump sets its --lock-wait-timeout as statement_timeout. An archive that sets one for its restore is another matter.
  const waited = tool === 'pg_dump' ? /canceling statement due to (?:lock|statement) timeout/ : /due to lock timeout/;
  if (waited.test(log) && (tool === 'pg_dump' || server.isDisposable !== true)) {
    throw new OperationalError(
      'SOURCE_LOCKED',
      `${tool} failed because somebody else holds a lock. Start again later.`,
    );
  }
  if (!connectionLost.test(log)) return;
  const isOwnDoing = endedByTimeout.test(log) || (endsSessions && endedByCommand.test(log));
  if (isOwnDoing && (await server.isUp())) return;
  throw (await server.isUp())
    ? new OperationalError('CONNECTION_LOST', `${tool} failed because its connection was cut:\n${log.trim()}`)
    : new OperationalError('SERVER_LOST', `${tool} failed because ${server.description} went away:\n${log.trim()}`);
}

const endedByTimeout = /terminating connection due to (?:idle-in-transaction|idle-session|transaction) timeout/;
const endedByCommand = /terminating connection due to administrator command/;

const connectionLost =
  /server closed the connection unexpectedly|terminating connection due to|connection to server .* failed|no connection to the server/;

/** The first error in what a tool printed, else its last words. Pure. */
export function firstError(log: string): string {
  return log.split('\n').find((line) => /\berror:|ERROR:/.test(line)) ?? lastLine(log);
}
