import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { describeProbe, healthProbe, sendProbe } from '../app/probe.ts';
import { connect, disconnect, useOwnSearchPath } from '../postgres/connection.ts';
import { assertStartedHere, type DisposableConnection } from '../postgres/disposable.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { ApplicationUnderTest } from './application-under-test.ts';
import { measureOutage, type Outage } from './outage.ts';
import type { ServedDatabase } from './served-database.ts';

/** Somebody who asks all the time. */
interface Client extends AsyncDisposable {
  name: string;
  /** Asks once. Rejects where there is no good answer. */
  ask(): Promise<void>;
}

/** What clients of a database and its application get to see while something happens to it. */
export interface Traffic extends AsyncDisposable {
  names: string[];
  /** Clients that got no good answer when all began. */
  unable: string[];
  /** Good answers of each client so far. */
  counts(): number[];
  /** Resolves with who waited longest since that moment, once every client has had a good answer again, or waits for long. */
  outage(since: number): Promise<Outage & { client: string }>;
}

const betweenRequestsMs = 10;
const answeredTimeoutMs = 30_000;
const requestTimeoutMs = 5000;

/**
 * Starts to ask: the application, with the requests of the profile that it answers; the database, with a query and with the
 * profile's writes, over connections that are opened again when they break.
 */
export async function startTraffic(
  { drill, asOwner }: ServedDatabase,
  application: ApplicationUnderTest | null,
): Promise<Traffic> {
  const { signal } = drill.run;
  const clients = [...appClients(application, signal), query(asOwner), ...drill.profile.writes.map(writer(asOwner))];
  const trials = await Promise.all(clients.map((client) => isAble(client)));
  const able = clients.filter((_, index) => trials[index]);
  const answeredAt = able.map((): number[] => []);
  const state = { stopped: false };
  const loops = able.map(async (client, index) => {
    while (!state.stopped) {
      if (await isAble(client)) answeredAt[index]?.push(performance.now());
      await delay(betweenRequestsMs);
    }
  });
  return {
    names: able.map(({ name }) => name),
    unable: clients.filter((_, index) => !trials[index]).map(({ name }) => name),
    counts: () => answeredAt.map(({ length }) => length),
    async outage(since) {
      await allAnswered(answeredAt, signal);
      const outages = able.map(({ name }, index) => ({
        client: name,
        // Who still waits has waited until now, at least.
        ...(measureOutage(answeredAt[index] ?? [], since) ?? {
          outageMs: Math.round(performance.now() - since),
          usualMs: 0,
        }),
      }));
      const [worst] = outages.toSorted((a, b) => b.outageMs - a.outageMs);
      if (worst === undefined) throw new Error('Nobody asks.');
      return worst;
    },
    async [Symbol.asyncDispose]() {
      state.stopped = true;
      await Promise.all(loops);
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    },
  };
}

/** Waits until each has been answered once more, or has waited for long. */
async function allAnswered(answeredAt: number[][], signal: AbortSignal): Promise<void> {
  const before = answeredAt.map(({ length }) => length);
  const deadline = performance.now() + answeredTimeoutMs;
  while (answeredAt.some(({ length }, index) => length <= (before[index] ?? 0))) {
    if (signal.aborted) throw new OperationalError('INTERRUPTED', 'Waiting for answers was interrupted.');
    if (performance.now() > deadline) return;
    await delay(betweenRequestsMs);
  }
}

async function isAble(client: Client): Promise<boolean> {
  return client.ask().then(
    () => true,
    () => false,
  );
}

function appClients(application: ApplicationUnderTest | null, signal: AbortSignal): Client[] {
  if (application === null) return [];
  const { app } = application;
  return [healthProbe(app.health), ...app.probes].map((probe) => ({
    name: describeProbe(probe),
    async ask() {
      // One that was started again has another address.
      const { baseUrl } = application.current;
      const { passed } = await sendProbe(baseUrl, probe, signal, requestTimeoutMs);
      if (!passed) throw new Error('no good answer');
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }));
}

function query(connection: DisposableConnection): Client {
  return sqlClient('a query', connection, async (client) => {
    await client.query('select');
  });
}

/**
 * Repeats a statement. From the moment that its connection breaks, it takes each write back: what a restored database holds
 * can then still be compared.
 */
function writer(connection: DisposableConnection): (statement: string, index: number) => Client {
  assertStartedHere(connection);
  return (statement, index) => {
    let keeps = true;
    return sqlClient(`write ${index + 1}`, connection, async (client) => {
      try {
        await client.query(`begin; ${statement}; ${keeps ? 'commit' : 'rollback'}`);
      } catch (error) {
        keeps = false;
        throw error;
      }
    });
  };
}

function sqlClient(name: string, connection: DisposableConnection, use: (client: pg.Client) => Promise<void>): Client {
  let client: pg.Client | null = null;
  const open = async () => {
    const opened = await connect(connection);
    await useOwnSearchPath(opened);
    return opened;
  };
  const close = async () => {
    const broken = client;
    client = null;
    if (broken !== null) await disconnect(broken);
  };
  return {
    name,
    async ask() {
      try {
        client ??= await open();
        await use(client);
      } catch (error) {
        await close();
        throw error;
      }
    },
    [Symbol.asyncDispose]: close,
  };
}
