import { setTimeout as delay } from 'node:timers/promises';
import { describeProbe, healthProbe, sendProbe } from '../app/probe.ts';
import type { Connection } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { ApplicationUnderTest } from './application-under-test.ts';
import { measureOutage, type Outage } from './outage.ts';
import type { ServedDatabase } from './served-database.ts';
import { query, reconnect, writer, type Client } from './sql-clients.ts';

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

/** Somebody who logs in to the database: once, and again where the connection breaks, or for every question. */
export interface Visitor {
  name: string;
  connection: Connection;
  logsIn: 'once' | 'again and again';
}

/**
 * Starts to ask: the application, with the requests of the profile that it answers; the database, with a query of each visitor, and
 * with the profile's writes.
 */
export async function startTraffic(
  { drill, asOwner }: ServedDatabase,
  application: ApplicationUnderTest | null,
  visitors: Visitor[],
): Promise<Traffic> {
  const { signal } = drill.run;
  const clients = [
    ...appClients(application, signal),
    ...visitors.map(({ name, connection, logsIn }) => (logsIn === 'once' ? query : reconnect)(name, connection)),
    ...drill.profile.writes.map(writer(asOwner)),
  ];
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
