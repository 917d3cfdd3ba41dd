import { setTimeout as delay } from 'node:timers/promises';
import { connect, disconnect, withClient } from '../../postgres/connection.ts';
import type { Drill } from '../drill.ts';
import type { Fault } from './fault.ts';
import { specimenSchema } from './specimens.ts';

const common = { kind: 'target', before: 'restore', failsAt: 'restore', verdict: 'could-not-run' } as const;

/** Restores that do not come to their end, for which the backup is not to blame. */
export const interruptionFaults: Fault[] = [
  {
    ...common,
    name: 'the connection is cut during the restore',
    finding: 'CONNECTION_LOST',
    damage: (copy) =>
      duringRestore(copy, async () => {
        await withClient(copy.need('server').admin, (client) => client.query(endWaiting, [copy.restoredName]));
      }),
  },
  {
    ...common,
    name: 'the restore is not done at its deadline',
    finding: 'TOOL_TIMED_OUT',
    async damage(copy) {
      copy.toolTimeoutMs = 1500;
      await duringRestore(copy, () => Promise.resolve());
    },
  },
];

/**
 * Holds the restore up halfway: it has to wait for a transaction that has made a schema of the same name and stays open.
 * When it waits, `act` is called.
 */
async function duringRestore(copy: Drill, act: () => Promise<void>): Promise<void> {
  const blocker = await connect(copy.restoredAsAdmin);
  await blocker.query(`begin; create schema ${specimenSchema}`);
  const rehearsed = new AbortController();
  const acted = untilWaiting(copy, rehearsed.signal).then((waits) => (waits ? act() : undefined));
  await copy.use('transaction that holds the restore up', {
    async [Symbol.asyncDispose]() {
      rehearsed.abort();
      await disconnect(blocker);
      await acted;
    },
  });
  // Whether it acted shows in what becomes of the restore; why it did not is said when it is disposed of.
  acted.catch(() => undefined);
}

async function untilWaiting(copy: Drill, rehearsed: AbortSignal): Promise<boolean> {
  return withClient(copy.need('server').admin, async (client) => {
    while (!rehearsed.aborted) {
      const { rowCount } = await client.query(findWaiting, [copy.restoredName]);
      if (rowCount !== 0) return true;
      await delay(20);
    }
    return false;
  });
}

const findWaiting = `
  select pid
  from pg_catalog.pg_stat_activity
  where datname = $1
  and wait_event_type = 'Lock'`;

const endWaiting = `
  select pg_catalog.pg_terminate_backend(pid)
  from pg_catalog.pg_stat_activity
  where datname = $1
  and wait_event_type = 'Lock'`;
