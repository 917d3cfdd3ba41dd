import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describeAddress } from '../source/database-url.ts';
import type { Connection } from '../postgres/connection.ts';
import { OperationalError } from '../system/operational-error.ts';

/** How long transactions may go on once clients wait; the exchange of names ends those that are left. */
const patienceMs = 1000;
const betweenLooksMs = 10;

/** A database as its clients name it. */
interface Pool {
  name: string;
  paused: boolean;
}

interface PoolRow {
  name: string;
  database: string;
  paused: string | number;
}

/** Of one user. */
interface PoolerConnections {
  database: string;
  pool_mode: string;
  sv_active: string | number;
}

/**
 * The admin console of a pgbouncer that stands before the server. While names are exchanged, it lets clients wait: a login that
 * meets a missing name makes it hold everybody for server_login_retry (15 s). See "Admin console" in pgbouncer's manual.
 */
export class PoolerConsole {
  readonly #address: Connection;
  readonly #database: string;

  /** @param database the one whose clients wait, by its name on the server */
  constructor(address: Connection, database: string) {
    this.#address = address;
    this.#database = database;
  }

  /**
   * Sees to it that the console answers, and lets clients go on that a run which was killed has left waiting.
   * @returns the names of the pools that were waiting
   * @throws OperationalError LOGIN_REFUSED
   */
  async resumeLeft(): Promise<string[]> {
    return this.#withClient(async (client) => {
      const waiting = (await this.#listPools(client)).filter(({ paused }) => paused);
      for (const { name } of waiting) await client.query(`RESUME ${pg.escapeIdentifier(name)}`);
      return waiting.map(({ name }) => name);
    });
  }

  /** Lets clients wait while something is done. They go on afterwards, whatever came of it. */
  async holdClients<T>(work: () => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      const pools = await this.#listPools(client);
      const pausers = await Promise.all(pools.map(() => this.#connect()));
      // It answers when the sessions of all that is paused have come to their end, which may be never.
      for (const [index, { name }] of pools.entries()) {
        pausers[index]?.query(`PAUSE ${pg.escapeIdentifier(name)}`).catch(() => undefined);
      }
      try {
        await this.#untilHeld(
          client,
          pools.map(({ name }) => name),
        );
        return await work();
      } finally {
        for (const { name } of pools) await client.query(`RESUME ${pg.escapeIdentifier(name)}`).catch(() => undefined);
        await Promise.all(pausers.map((pauser) => pauser.end().catch(() => undefined)));
      }
    });
  }

  /** Waits until nothing new goes through, and transactions are at their end. A pool of sessions has no end that is waited for. */
  async #untilHeld(client: pg.Client, names: string[]): Promise<void> {
    const deadline = performance.now() + patienceMs;
    const isHeld = async () => {
      if ((await this.#listPools(client)).some(({ paused }) => !paused)) return false;
      const { rows } = await client.query<PoolerConnections>('SHOW POOLS');
      const ours = rows.filter(({ database, pool_mode: mode }) => names.includes(database) && mode !== 'session');
      return ours.every(({ sv_active: active }) => Number(active) === 0);
    };
    while (!(await isHeld()) && performance.now() < deadline) await delay(betweenLooksMs);
  }

  async #listPools(client: pg.Client): Promise<Pool[]> {
    const { rows } = await client.query<PoolRow>('SHOW DATABASES');
    return rows
      .filter(({ database }) => database === this.#database)
      .map(({ name, paused }) => ({ name, paused: Number(paused) === 1 }));
  }

  async #withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      return await use(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async #connect(): Promise<pg.Client> {
    const { host, port, user, password, database, tls } = this.#address;
    const client = new pg.Client({
      ...{ host, port, user, password, database, connectionTimeoutMillis: 10_000 },
      ...(tls !== undefined && tls !== 'prefer' && { ssl: tls }),
    });
    // A console that is gone shows in the next question.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SHOW VERSION');
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The admin console of pgbouncer at ${describeAddress(this.#address)} does not answer: ${reason}. Name it with --pooler postgres://USER@HOST:6432/pgbouncer, as one of its admin_users.`;
      throw new OperationalError('LOGIN_REFUSED', message, { cause: error });
    }
  }
}
