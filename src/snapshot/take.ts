import type pg from 'pg';
import { connect, disconnect, type Connection } from '../postgres/connection.ts';
import { listRelations, type Relation } from './catalog.ts';
import { digestQuery, formatDigest } from './digest-query.ts';
import type { Snapshot, TableSnapshot } from './snapshot.ts';

/** A snapshot whose transaction is still open, so that a dump can be taken of the very same moment. */
export interface OpenSnapshot extends AsyncDisposable {
  /** For `pg_dump --snapshot`. */
  readonly id: string;
  readonly takenAt: Date;
  readonly snapshot: Snapshot;
}

/**
 * Whatever the server, the database or the role has set, text output has to be the same on both sides. The empty
 * search_path keeps objects of the user from standing in for those of the system.
 */
const pinnedSettings = {
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  xmloption: 'content',
  search_path: '',
  // Rows that a policy hides are an error, not an absence.
  row_security: 'off',
};

/** Reads everything of a database in one read-only transaction that stays open until it is disposed of. */
export async function openSnapshot(connection: Connection): Promise<OpenSnapshot> {
  const client = await connect(connection);
  try {
    for (const [name, value] of Object.entries(pinnedSettings)) {
      await client.query('select pg_catalog.set_config($1, $2, false)', [name, value]);
    }
    await client.query('begin transaction isolation level repeatable read, read only');
    const { rows } = await client.query<{ id: string; now: Date }>(
      'select pg_catalog.pg_export_snapshot() as id, pg_catalog.clock_timestamp() as now',
    );
    const [exported] = rows;
    if (exported === undefined) throw new Error('The server exported no snapshot.');
    const snapshot = await readSnapshot(client);
    return { id: exported.id, takenAt: exported.now, snapshot, [Symbol.asyncDispose]: () => disconnect(client) };
  } catch (error) {
    await disconnect(client);
    throw error;
  }
}

/** Reads everything of a database in one read-only transaction. */
export async function takeSnapshot(connection: Connection): Promise<Snapshot> {
  await using open = await openSnapshot(connection);
  return open.snapshot;
}

async function readSnapshot(client: pg.Client): Promise<Snapshot> {
  const relations = await listRelations(client);
  const tables = new Map<number, TableSnapshot>();
  for (const relation of relations) tables.set(relation.oid, await readTable(client, relation));
  for (const relation of relations) addToAncestors(relation, relations, tables);
  return { tables: [...tables.values()] };
}

async function readTable(
  client: pg.Client,
  { name, qualifiedName, partitioned, columns }: Relation,
): Promise<TableSnapshot> {
  if (partitioned) return { name, rows: 0, digest: null };
  const { rows } = await client.query<{ rows: string; low: string | null; high: string | null }>(
    digestQuery(qualifiedName, columns),
  );
  const [sums] = rows;
  if (sums === undefined) throw new Error(`The server counted nothing in ${name}.`);
  return { name, rows: Number(sums.rows), digest: formatDigest(sums.low, sums.high) };
}

/** A partitioned table has the rows of its partitions, which have been read already. */
function addToAncestors(leaf: Relation, relations: Relation[], tables: Map<number, TableSnapshot>): void {
  if (leaf.partitioned) return;
  const rows = tables.get(leaf.oid)?.rows ?? 0;
  let parent = leaf.partitionOf;
  while (parent !== null) {
    const table = tables.get(parent);
    if (table !== undefined) table.rows += rows;
    parent = relations.find(({ oid }) => oid === parent)?.partitionOf ?? null;
  }
}
