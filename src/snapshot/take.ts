import pg from 'pg';
import { disconnect, interpretError, type Connection } from '../postgres/connection.ts';
import { dumpSchema } from '../postgres/schema.ts';
import { connectToSource } from '../postgres/source.ts';
import type { ToolLimits, ToolRunner } from '../postgres/tool.ts';
import { listRelations, type Relation } from './catalog.ts';
import { digestQuery, formatDigest } from './digest-query.ts';
import { currentDigest, type DigestVersion } from './digest-version.ts';
import { readLargeObjects } from './large-objects.ts';
import { normaliseSchema } from './normalise-schema.ts';
import { pinSettings, pinTool } from './pinned-settings.ts';
import { splitSchema } from './schema-entries.ts';
import { readSequences, rereadSequences } from './sequences.ts';
import type { Snapshot, TableSnapshot } from './snapshot.ts';
import { readState } from './state.ts';
import type { Ownership } from './state-queries.ts';

/** A snapshot whose transaction is still open, so that a dump can be taken of the very same moment. */
export interface OpenSnapshot extends AsyncDisposable {
  /** For `pg_dump --snapshot`. */
  readonly id: string;
  readonly takenAt: Date;
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
}

/** A moment of a database that is held open, with nothing of it read yet but its sequences. */
export interface Moment extends AsyncDisposable {
  readonly id: string;
  readonly takenAt: Date;
  readonly client: pg.Client;
  /** Reads everything of this moment; `sequences` were read when it was opened. A dump may go on meanwhile. */
  read(): Promise<Snapshot>;
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
    const { rows } = await client.query<{ id: string; now: Date }>(
      'select pg_catalog.pg_export_snapshot() as id, pg_catalog.clock_timestamp() as now',
    );
    const [exported] = rows;
    if (exported === undefined) throw new Error('The server exported no snapshot.');
    const { id, now: takenAt } = exported;
    const sequences = await readSequences(client);
    return {
      id,
      takenAt,
      client,
      async read() {
        const schema = dumpSchema(pinTool(options.runner), connection, id, ownership, options);
        try {
          const [contents] = await Promise.all([readContents(client, ownership, digestVersion), schema]);
          return { digestVersion, ...contents, sequences, schema: normaliseSchema(splitSchema(await schema)) };
        } catch (error) {
          throw interpretError(error);
        }
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
    const snapshot = await moment.read();
    return { ...moment, snapshot, rereadSequences: () => moment.rereadSequences(snapshot) };
  } catch (error) {
    await moment[Symbol.asyncDispose]();
    throw error;
  }
}

/** Reads everything of a database in one read-only transaction. */
export async function takeSnapshot(connection: Connection, options: SnapshotOptions): Promise<Snapshot> {
  await using open = await openSnapshot(connection, options);
  return open.snapshot;
}

async function readContents(client: pg.Client, ownership: Ownership, version: DigestVersion) {
  const tables = await readTables(client, version);
  const largeObjects = await readLargeObjects(client, version);
  const state = await readState(client, ownership);
  return { tables, largeObjects, state };
}

async function readTables(client: pg.Client, version: DigestVersion): Promise<TableSnapshot[]> {
  const relations = await listRelations(client);
  const tables = new Map<number, TableSnapshot>();
  // An error ends a transaction, and with it the moment: what cannot be read is only rolled back to here.
  await client.query('savepoint tables');
  for (const relation of relations) tables.set(relation.oid, await readTable(client, relation, version));
  for (const relation of relations) addToAncestors(relation, relations, tables);
  return [...tables.values()];
}

async function readTable(client: pg.Client, relation: Relation, version: DigestVersion): Promise<TableSnapshot> {
  const { name, qualifiedName, kind, columns } = relation;
  const unread: TableSnapshot = { name, kind, rows: null, digest: null, notRead: null };
  if (kind === 'partitioned') return { ...unread, rows: 0 };
  if (kind === 'foreign table') return { ...unread, notRead: 'its rows are in another server, and no dump holds them' };
  if (!relation.populated) return { ...unread, notRead: 'it has not been populated' };
  try {
    const { rows } = await client.query<{ rows: string; low: string | null; high: string | null }>(
      digestQuery(qualifiedName, columns, version),
    );
    const [sums] = rows;
    if (sums === undefined) throw new Error(`The server counted nothing in ${name}.`);
    return { ...unread, rows: Number(sums.rows), digest: formatDigest(sums.low, sums.high) };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== insufficientPrivilege) throw error;
    await client.query('rollback to savepoint tables');
    return { ...unread, notRead: error.message };
  }
}

/** SQLSTATE of "permission denied", and of a policy that would hide rows. */
const insufficientPrivilege = '42501';

/** A partitioned table has the rows of its partitions, which have been read already. */
function addToAncestors(leaf: Relation, relations: Relation[], tables: Map<number, TableSnapshot>): void {
  if (leaf.kind === 'partitioned') return;
  const rows = tables.get(leaf.oid)?.rows ?? 0;
  let parent = leaf.partitionOf;
  while (parent !== null) {
    const table = tables.get(parent);
    if (table !== undefined) table.rows = (table.rows ?? 0) + rows;
    parent = relations.find(({ oid }) => oid === parent)?.partitionOf ?? null;
  }
}
