import { setTimeout as delay } from 'node:timers/promises';
import { connect, disconnect, useOwnSearchPath } from '../postgres/connection.ts';
import { assertStartedHere, type DisposableConnection } from '../postgres/disposable.ts';
import { OperationalError } from '../system/operational-error.ts';

/** Clients that keep writing to a database, one for each statement. */
export interface Writers extends AsyncDisposable {
  /** How often each statement has been committed so far. */
  counts(): number[];
  /** Resolves when each statement has been committed `times` more times. */
  written(times: number): Promise<void>;
  /** Ends the writing. Throws what a statement failed with. */
  stop(): Promise<void>;
}

const writtenTimeoutMs = 30_000;

/** Starts to repeat each statement in a session of its own. */
export async function startWriters(connection: DisposableConnection, statements: string[]): Promise<Writers> {
  assertStartedHere(connection);
  const clients = await Promise.all(statements.map(() => connect(connection)));
  await Promise.all(clients.map(useOwnSearchPath));
  const counts = statements.map(() => 0);
  const state: { stopped: boolean; failure: Error | null } = { stopped: false, failure: null };
  const loops = statements.map(async (statement, index) => {
    while (!state.stopped && state.failure === null) {
      try {
        await clients[index]?.query(statement);
        counts[index] = (counts[index] ?? 0) + 1;
      } catch (error) {
        state.failure ??= writeError(statement, error);
      }
    }
  });
  const stop = async () => {
    state.stopped = true;
    await Promise.all(loops);
    await Promise.all(clients.map(disconnect));
  };
  return {
    counts: () => [...counts],
    async written(times) {
      const goals = counts.map((count) => count + times);
      const deadline = performance.now() + writtenTimeoutMs;
      while (counts.some((count, index) => count < (goals[index] ?? 0))) {
        if (state.failure !== null) throw state.failure;
        if (performance.now() > deadline) {
          const message = `The writes got stuck: they were committed ${counts.join(', ')} times.`;
          throw new OperationalError('WRITES_FAILED', message);
        }
        await delay(5);
      }
    },
    async stop() {
      await stop();
      if (state.failure !== null) throw state.failure;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function writeError(statement: string, error: unknown): OperationalError {
  const reason = error instanceof Error ? error.message : String(error);
  const start = statement.split(/\s+/).slice(0, 4).join(' ');
  const message = `A statement of "writes" in the profile failed (${start} …): ${reason}`;
  return new OperationalError('WRITES_FAILED', message, { cause: error });
}
