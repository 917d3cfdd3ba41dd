import type pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';
import { withClient, type Connection } from './connection.ts';
import type { ToolRunner } from './tool.ts';

declare const startedHere: unique symbol;

/**
 * A connection to a server that this process has started: whatever is there may be dropped. Only an engine makes one; with
 * another user or database it still is one, with another host or port it is refused.
 */
export interface DisposableConnection extends Connection {
  readonly [startedHere]: true;
}

/** What destructive tools need: client programs that work on a server of ours. */
export interface DisposableTools extends ToolRunner {
  readonly admin: DisposableConnection;
}

const started = new Set<string>();

/** To be called by the engine that has started the server, once it answers. */
export function registerStarted(connection: Connection): DisposableConnection {
  started.add(address(connection));
  return connection as DisposableConnection;
}

/** To be called by the engine when the server is gone: somebody else may listen there next. */
export function unregisterStarted(connection: Connection): void {
  started.delete(address(connection));
}

/**
 * The runtime half of the type, for code that gets round it.
 * @throws OperationalError NOT_DISPOSABLE
 */
export function assertStartedHere(connection: Connection): void {
  if (started.has(address(connection))) return;
  const message = `Refused to change anything on ${address(connection)}: this process has not started that server.`;
  throw new OperationalError('NOT_DISPOSABLE', message);
}

/** Like withClient, for statements that may destroy. Everything that is sent to a server to change it goes through here. */
export async function withDisposable<T>(
  connection: DisposableConnection,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  assertStartedHere(connection);
  return withClient(connection, use);
}

function address({ host, port }: Connection): string {
  return `${host}:${port}`;
}
