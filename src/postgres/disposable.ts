import type pg from 'pg';
import { OperationalError } from '../system/operational-error.ts';
import { inOneSession, withClient, type Connection } from './connection.ts';
import type { LentServer, Thing } from './lent-server.ts';
import type { ToolRunner } from './tool.ts';

declare const startedHere: unique symbol;

/**
 * A connection to a server that this process has started: whatever is there may be dropped. Only an engine makes one; with
 * another user or database it still is one, with another host or port it is refused. Of a server that somebody else provides,
 * only what this process has made there may be.
 */
export interface DisposableConnection extends Connection {
  readonly [startedHere]: true;
}

/** What destructive tools need: client programs that work on a server of ours. */
export interface DisposableTools extends ToolRunner {
  readonly admin: DisposableConnection;
}

/** null for those that were started here. */
const started = new Map<string, LentServer | null>();

/** To be called by the engine that has started the server, once it answers, or that was lent one. */
export function registerStarted(connection: Connection, lent: LentServer | null = null): DisposableConnection {
  started.set(address(connection), lent);
  return connection as DisposableConnection;
}

/** Who minds what was made on a server that somebody else provides; null for one that was started here. */
export function lentBy(connection: Connection): LentServer | null {
  return started.get(address(connection)) ?? null;
}

/** Makes a database or a role: on a server that was lent, only where there is none, and so that it is found again and removed. */
export function making<T>(admin: Connection, client: pg.Client, thing: Thing, make: () => Promise<T>): Promise<T> {
  const lent = lentBy(admin);
  return lent === null ? make() : lent.make(client, thing, make);
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
  const lent = started.get(address(connection));
  if (lent === null) return;
  if (lent !== undefined) {
    lent.assertOurs(connection.database);
    return;
  }
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

/** The same for work that is made of such statements, in one session. See inOneSession. */
export async function inOneDisposableSession<T>(connection: DisposableConnection, body: () => Promise<T>): Promise<T> {
  assertStartedHere(connection);
  return inOneSession(connection, body);
}

function address({ host, port }: Connection): string {
  return `${host}:${port}`;
}
