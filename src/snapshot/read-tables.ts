import type pg from 'pg';
import { listRelations, type Relation } from './catalog.ts';
import { digestQuery, formatDigest } from './digest-query.ts';
import type { DigestVersion } from './digest-version.ts';
import type { Reading } from './facet.ts';
import { explainReadError } from './explain-read-error.ts';
import { isDenied } from './is-denied.ts';
import { rowsOfExtension, unloggedOnStandby } from './not-dumped.ts';
import { queryRows } from './query-rows.ts';
import type { TableSnapshot } from './table-snapshot.ts';

/**
 * Counts and digests the rows of every relation.
 * @param wanted which of them; all, if left out
 */
export async function readTables(
  { client, digestVersion, readViews }: Pick<Reading, 'client' | 'digestVersion' | 'readViews'>,
  wanted: (relation: Relation) => boolean = () => true,
): Promise<TableSnapshot[]> {
  const relations = (await listRelations(client)).filter(wanted);
  const tables = new Map<number, TableSnapshot>();
  // An error ends a transaction, and with it the moment: what cannot be read is only rolled back to here.
  await client.query('savepoint tables');
  for (const relation of relations) tables.set(relation.oid, await readTable(client, relation, digestVersion));
  const byOid = new Map(relations.map((relation) => [relation.oid, relation]));
  for (const relation of relations) addToAncestors(relation, byOid, tables);
  await addQueries(relations, tables, readViews);
  return [...tables.values()];
}

/** Says of each materialised view that was read what its query gives. */
async function addQueries(
  relations: Relation[],
  tables: Map<number, TableSnapshot>,
  readViews: Reading['readViews'],
): Promise<void> {
  const isRead = ({ oid, kind }: Relation) => kind === 'materialized view' && tables.get(oid)?.notRead === null;
  const views = relations.filter(isRead);
  if (views.length === 0) return;
  for (const [oid, query] of (await readViews?.(views)) ?? []) {
    const table = tables.get(oid);
    if (table !== undefined) table.query = query;
  }
}

async function readTable(client: pg.Client, relation: Relation, version: DigestVersion): Promise<TableSnapshot> {
  const { name, qualifiedName, kind, columns } = relation;
  const unread: TableSnapshot = { name, kind, rows: null, digest: null, notRead: null };
  if (kind === 'partitioned') return { ...unread, rows: 0 };
  if (kind === 'foreign table') return { ...unread, notRead: 'its rows are in another server, and no dump holds them' };
  if (!relation.populated) return { ...unread, notRead: 'it has not been populated' };
  if (!relation.isHere) return { ...unread, notRead: unloggedOnStandby };
  const { extension, dumped } = relation;
  if (extension !== null && dumped === null) return { ...unread, notRead: rowsOfExtension };
  // Those that the extension brings, and another version of it brings otherwise, are in no dump.
  const part = dumped ? ({ part: 'dumped' } as const) : {};
  try {
    const [sums] = await queryRows<{ rows: string; low: string | null; high: string | null }>(
      client,
      digestQuery(qualifiedName, columns, version, dumped ?? ''),
    );
    if (sums === undefined) throw new Error(`The server counted nothing in ${name}.`);
    return { ...unread, ...part, rows: Number(sums.rows), digest: formatDigest(sums.low, sums.high) };
  } catch (error) {
    if (!isDenied(error)) throw explainReadError(error, name, client.user);
    await client.query('rollback to savepoint tables');
    return { ...unread, notRead: error.message };
  }
}

/** A partitioned table has the rows of its partitions, which have been read already; a partition knows whether a hash chose it. */
function addToAncestors(
  relation: Relation,
  relations: Map<number, Relation>,
  tables: Map<number, TableSnapshot>,
): void {
  const parentOf = ({ partitionOf }: Relation) => relations.get(partitionOf ?? Number.NaN);
  const own = tables.get(relation.oid);
  const rows = relation.kind === 'partitioned' ? 0 : (own?.rows ?? 0);
  let parent = parentOf(relation);
  while (parent !== undefined) {
    const { oid, name, partitionedByHash } = parent;
    const table = tables.get(oid);
    if (table !== undefined) table.rows = (table.rows ?? 0) + rows;
    if (partitionedByHash && own !== undefined) own.hashedIn = name;
    parent = parentOf(parent);
  }
}
