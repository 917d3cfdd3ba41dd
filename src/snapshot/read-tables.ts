import pg from 'pg';
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
  for (const batch of inBatches(relations)) {
    for (const [oid, table] of await readBatch(client, batch, digestVersion)) tables.set(oid, table);
  }
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

/** Small tables that follow each other are read by one statement: with thousands of them, most of the time goes to asking. */
function inBatches(relations: Relation[]): Relation[][] {
  const batches: Relation[][] = [];
  let open: Relation[] = [];
  for (const relation of relations) {
    const fits = relation.isSmall && open.length > 0 && open.length < mostOfBatch;
    if (fits) open.push(relation);
    else batches.push((open = [relation]));
    if (!relation.isSmall) open = [];
  }
  return batches;
}

const mostOfBatch = 50;

/** What is wrong with one of them is found out by reading each for itself. */
async function readBatch(
  client: pg.Client,
  batch: Relation[],
  version: DigestVersion,
): Promise<[oid: number, table: TableSnapshot][]> {
  const read = batch.filter((relation) => whyNotRead(relation) === null);
  const sums = read.length > 1 ? await readTogether(client, read, version) : null;
  const tables: [number, TableSnapshot][] = [];
  for (const relation of batch) {
    const own = sums?.get(relation.oid);
    const table = own === undefined ? await readTable(client, relation, version) : ofSums(relation, own);
    tables.push([relation.oid, table]);
  }
  return tables;
}

/** As the digest query gives them. */
interface Sums {
  rows: string;
  low: string | null;
  high: string | null;
}

async function readTogether(
  client: pg.Client,
  relations: Relation[],
  version: DigestVersion,
): Promise<Map<number, Sums> | null> {
  const each = relations.map(
    (relation) => `select ${relation.oid} as oid, * from (${queryOf(relation, version)}) as sums`,
  );
  try {
    const rows = await queryRows<Sums & { oid: string }>(client, each.join(' union all '));
    return new Map(rows.map(({ oid, ...sums }) => [Number(oid), sums]));
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('rollback to savepoint tables');
    return null;
  }
}

async function readTable(client: pg.Client, relation: Relation, version: DigestVersion): Promise<TableSnapshot> {
  const { name } = relation;
  if (whyNotRead(relation) !== null) return unread(relation);
  try {
    const [sums] = await queryRows<Sums>(client, queryOf(relation, version));
    if (sums === undefined) throw new Error(`The server counted nothing in ${name}.`);
    return ofSums(relation, sums);
  } catch (error) {
    if (!isDenied(error)) throw explainReadError(error, name, client.user);
    await client.query('rollback to savepoint tables');
    return { ...unread(relation), notRead: error.message };
  }
}

function queryOf({ qualifiedName, columns, dumped }: Relation, version: DigestVersion): string {
  return digestQuery(qualifiedName, columns, version, dumped ?? '');
}

function ofSums(relation: Relation, { rows, low, high }: Sums): TableSnapshot {
  // Those that the extension brings, and another version of it brings otherwise, are in no dump.
  const part = relation.dumped ? ({ part: 'dumped' } as const) : {};
  return { ...unread(relation), ...part, rows: Number(rows), digest: formatDigest(low, high) };
}

function unread(relation: Relation): TableSnapshot {
  const { name, kind } = relation;
  const table: TableSnapshot = { name, kind, rows: null, digest: null, notRead: null };
  return kind === 'partitioned' ? { ...table, rows: 0 } : { ...table, notRead: whyNotRead(relation) };
}

/** Null for what is read. A partitioned table has no rows of its own. */
function whyNotRead({ kind, populated, isHere, extension, dumped }: Relation): string | null {
  if (kind === 'partitioned') return 'its rows are those of its partitions';
  if (kind === 'foreign table') return 'its rows are in another server, and no dump holds them';
  if (!populated) return 'it has not been populated';
  if (!isHere) return unloggedOnStandby;
  return extension !== null && dumped === null ? rowsOfExtension : null;
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
