import type pg from 'pg';
import { connect, disconnect, useOwnSearchPath, type Connection } from '../postgres/connection.ts';
import { assertStartedHere, type DisposableConnection } from '../postgres/disposable.ts';

/** Somebody who asks all the time. */
export interface Client extends AsyncDisposable {
  name: string;
  /** Asks once. Rejects where there is no good answer. */
  ask(): Promise<void>;
}

/** Reads over one connection, as long as it holds. */
export function query(name: string, connection: Connection): Client {
  return sqlClient(name, connection, readTable);
}

/** Opens a connection for every question. */
export function reconnect(name: string, connection: Connection): Client {
  return {
    name,
    async ask() {
      const client = await connect(connection);
      try {
        await readTable(client);
      } finally {
        await disconnect(client);
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A row of a table, where there is one: who may not read it any more gets no good answer. */
async function readTable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(anyTable);
  for (const { name } of rows) await client.query(`select from ${name} limit 1`);
}

const anyTable = `
  select pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relkind = 'r'
  and namespace.nspname !~ '^pg_'
  and namespace.nspname <> 'information_schema'
  order by class.relname
  limit 1`;

/**
 * Repeats a statement. From the moment that its connection breaks, it takes each write back: what a restored database holds
 * can then still be compared.
 */
export function writer(connection: DisposableConnection): (statement: string, index: number) => Client {
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

function sqlClient(name: string, connection: Connection, use: (client: pg.Client) => Promise<void>): Client {
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
