import type pg from 'pg';
import { disconnect, interpretError, type Connection } from '../postgres/connection.ts';
import { dumpSchema } from '../postgres/schema.ts';
import { connectToSource } from '../postgres/source.ts';
import type { ToolLimits, ToolRunner } from '../postgres/tool.ts';
import { currentDigest, type DigestVersion } from './digest-version.ts';
import type { Ownership, Reading } from './facet.ts';
import { facets } from './facets.ts';
import { pinSettings, pinTool } from './pinned-settings.ts';
import { rereadSequences } from './sequences.ts';
import type { Snapshot } from './snapshot.ts';
import { readState } from './state.ts';
import { readViewQueries } from './view-query.ts';

/** A snapshot whose transaction is still open, so that a dump can be taken of the very same moment. */
export interface OpenSnapshot extends AsyncDisposable {
  /** For `pg_dump --snapshot`. */
  readonly id: string;
  readonly takenAt: Date;
  /** Of the database, by its name in PostgreSQL. */
  readonly encoding: string;
  readonly snapshot: Snapshot;
  /** The connection that holds the moment. */
  readonly client: pg.Client;
  /** Reads the sequences again, which are not held by the snapshot: to be called after the dump. */
  rereadSequences(): Promise<void>;
}

/** What taking a snapshot needs besides a connection: the server's own pg_dump, and what is compared. */
export interface SnapshotOptions extends ToolLimits {
  runner: ToolRunner<'pg_dump'>;
  ownership: Ownership;
  /** To be compared with digests of an older version. */
  digestVersion?: DigestVersion;
  /** How long the queries of materialised views may take together; null or left out, they are not read. */
  viewsWithinMs?: number | null;
}

/** A moment of a database that is held open, with nothing of it read yet but its sequences. */
export interface Moment extends AsyncDisposable {
  readonly id: string;
  readonly takenAt: Date;
  /** Of the database, by its name in PostgreSQL. */
  readonly encoding: string;
  readonly client: pg.Client;
  /** Reads everything of this moment; `sequences` were read when it was opened. A dump may go on meanwhile. */
  read(): Promise<Snapshot>;
  /** Reads the definitions alone. */
  readSchema(): Promise<Snapshot['schema']>;
  /** Reads the sequences again, which are not held by the moment: to be called after the dump. */
  rereadSequences(snapshot: Snapshot): Promise<void>;
}

/**
 * Opens a read-only transaction, exports its snapshot and reads the positions of the sequences, which are not held by it:
 * a dump that starts now finds them there or further on.
 */
export async function openMoment(connection: Connection, options: SnapshotOptions): Promise<Moment> {
  const client = await connectToSource(connection, options);
  const end = endWith(options.signal, client);
  const { digestVersion = currentDigest, ownership } = options;
  try {
    await pinSettings(client);
    await client.query('begin transaction isolation level repeatable read, read only');
    const { rows } = await client.query<{ id: string; now: Date; encoding: string }>(
      `select pg_catalog.pg_export_snapshot() as id, pg_catalog.clock_timestamp() as now,
        pg_catalog.current_setting('server_encoding') as encoding`,
    );
    const [exported] = rows;
    if (exported === undefined) throw new Error('The server exported no snapshot.');
    const { id, now: takenAt, encoding } = exported;
    const dump = () => dumpSchema(pinTool(options.runner), connection, id, ownership, options);
    const reading: Reading = {
      client,
      ownership,
      digestVersion,
      dumpSchema: dump,
      readViews: viewReader(connection, options, client),
    };
    const sequences = await facets.sequences.read(reading);
    return {
      id,
      takenAt,
      encoding,
      client,
      async read() {
        try {
          const [schema, contents] = await Promise.all([facets.schema.read(reading), readContents(reading)]);
          return { digestVersion, ...contents, sequences, schema };
        } catch (error) {
          throw interpretError(error);
        }
      },
      async readSchema() {
        return facets.schema.read(reading);
      },
      async rereadSequences(snapshot) {
        try {
          await rereadSequences(client, snapshot.sequences);
        } catch (error) {
          throw interpretError(error);
        }
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw interpretError(error);
  }
}

function viewReader(connection: Connection, options: SnapshotOptions, client: pg.Client): Reading['readViews'] {
  const { viewsWithinMs = null, digestVersion = currentDigest, signal } = options;
  if (viewsWithinMs === null) return undefined;
  return async (views) => {
    const beside = await connectToSource(connection, options);
    const end = endWith(signal, beside);
    try {
      return await readViewQueries(views, { client, beside, digestVersion, withinMs: viewsWithinMs });
    } finally {
      await end();
    }
  };
}

/** An interruption ends a session, whatever it waits for. Returns what does so without one. */
function endWith(signal: AbortSignal | undefined, client: pg.Client): () => Promise<void> {
  const interrupt = () => void disconnect(client);
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted === true) interrupt();
  return async () => {
    signal?.removeEventListener('abort', interrupt);
    await disconnect(client);
  };
}

/** Reads everything of a database in one read-only transaction that stays open until it is disposed of. */
export async function openSnapshot(connection: Connection, options: SnapshotOptions): Promise<OpenSnapshot> {
  const moment = await openMoment(connection, options);
  try {
    return await readMoment(moment);
  } catch (error) {
    await moment[Symbol.asyncDispose]();
    throw error;
  }
}

/** Reads everything of a moment, which stays open. */
export async function readMoment(moment: Moment): Promise<OpenSnapshot> {
  const snapshot = await moment.read();
  return { ...moment, snapshot, rereadSequences: () => moment.rereadSequences(snapshot) };
}

/** Reads everything of a database in one read-only transaction. */
export async function takeSnapshot(connection: Connection, options: SnapshotOptions): Promise<Snapshot> {
  await using open = await openSnapshot(connection, options);
  return open.snapshot;
}

/** One after the other: a session does one thing at a time. */
async function readContents(reading: Reading) {
  const tables = await facets.tables.read(reading);
  const largeObjects = await facets.largeObjects.read(reading);
  return { tables, largeObjects, ...(await readState(reading)) };
}
