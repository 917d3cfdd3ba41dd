import type pg from 'pg';
import { listRelations, type Relation } from './catalog.ts';
import { digestQuery, formatDigest } from './digest-query.ts';
import type { DigestVersion } from './digest-version.ts';
import type { Reading } from './facet.ts';
import { isDenied } from './is-denied.ts';
import type { TableSnapshot } from './snapshot.ts';

/** Counts and digests the rows of every relation. */
export async function readTables({ client, digestVersion }: Reading): Promise<TableSnapshot[]> {
  const relations = await listRelations(client);
  const tables = new Map<number, TableSnapshot>();
  // An error ends a transaction, and with it the moment: what cannot be read is only rolled back to here.
  await client.query('savepoint tables');
  for (const relation of relations) tables.set(relation.oid, await readTable(client, relation, digestVersion));
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
    if (!isDenied(error)) throw error;
    await client.query('rollback to savepoint tables');
    return { ...unread, notRead: error.message };
  }
}

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
