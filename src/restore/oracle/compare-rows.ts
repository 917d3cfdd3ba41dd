import pg from 'pg';
import { disconnect, interpretError } from '../../postgres/connection.ts';
import { hashCopy, setTextFormat, type TextSettings } from '../../postgres/copy-out.ts';
import type { DumpedTable } from '../../postgres/plain-dump-rows.ts';
import { readDumpConditions } from '../../postgres/extensions.ts';
import { nameKey } from '../../postgres/name-key.ts';
import { connectToSource } from '../../postgres/source.ts';
import { pinSettings } from '../../snapshot/pinned-settings.ts';
import { hashLargeObjects } from './hash-large-objects.ts';
import { compareInserted } from './inserted-rows.ts';
import { copyOf } from './repeat.ts';
import type { ComparedTable, HashedDump, HeldTable, RestoredRows, RowComparison } from './row-comparison.ts';
import { possibleSettings } from './text-settings.ts';

/**
 * Holds the rows of a restored database against those of its dump, byte by byte: pg_dump writes a table in the order of its heap,
 * and COPY loads it so. What the dump does not say of its source, its time zone and its format of bytea, is found out.
 * @throws OperationalError for what is not the backup's fault
 */
export async function compareRows(restored: RestoredRows, dump: HashedDump): Promise<RowComparison> {
  const client = await connectToSource(restored.reader, restored.limits);
  try {
    await client.query('begin transaction isolation level repeatable read, read only');
    await pinSettings(client);
    const largeObjects = { dumped: dump.contents.largeObjects, restored: await hashLargeObjects(client) };
    return { ...(await compareTables(client, restored, dump)), largeObjects };
  } catch (error) {
    throw interpretError(error);
  } finally {
    await disconnect(client);
  }
}

/** In one format of values after the other, until every table is the same or there are no more of them. */
async function compareTables(
  client: pg.Client,
  restored: RestoredRows,
  dump: HashedDump,
): Promise<Pick<RowComparison, 'tables' | 'settings'>> {
  let open = await listTables(client, dump);
  const tables: ComparedTable[] = [];
  const [first, ...others] = await possibleSettings(client, dump.contents);
  let settings = first;
  for (const each of [first, ...others]) {
    if (open.length === 0) break;
    await useFormat(client, each);
    const compared = [
      ...(await compareEach(client, ofForm(open, 'copy'))),
      ...(await compareInserted(client, restored, ofForm(open, 'insert'), each)),
      ...ofForm(open, 'mixed').map(partlyInserted),
    ];
    const done = compared.filter(({ outcome }) => outcome !== 'different');
    if (done.some(({ outcome }) => outcome === 'equal')) settings = each;
    tables.push(...done);
    open = open.filter(({ table }) => !done.some((other) => other.table === table));
  }
  await useFormat(client, settings);
  tables.push(...(await compareUnordered(client, dump, ofForm(open, 'copy'))));
  return { tables: [...tables, ...ofForm(open, 'insert').map(different)], settings };
}

/** What fails from here on is rolled back to here, and not the format with it. */
async function useFormat(client: pg.Client, settings: TextSettings): Promise<void> {
  await setTextFormat(client, settings);
  await client.query('savepoint rows');
}

async function listTables(client: pg.Client, { contents }: HashedDump): Promise<HeldTable[]> {
  const read = await readDumpConditions(client);
  const conditions = new Map([...read].map(([table, condition]) => [nameKey(table), condition]));
  return [...contents.tables].map(([table, dumped]) => ({
    table,
    encoding: contents.encoding ?? 'UTF8',
    condition: conditions.get(nameKey(table)) ?? '',
    ...dumped,
  }));
}

function ofForm(tables: HeldTable[], wanted: DumpedTable['form']): HeldTable[] {
  return tables.filter(({ form }) => form === wanted);
}

function different(table: HeldTable): ComparedTable {
  return { ...table, outcome: 'different', reason: null };
}

function partlyInserted(table: HeldTable): ComparedTable {
  return { ...table, outcome: 'not-comparable', reason: 'the dump holds them partly as COPY, partly as INSERT' };
}

/** A table, or each of the partitions that its rows are in. */
async function compareEach(client: pg.Client, tables: HeldTable[]): Promise<ComparedTable[]> {
  const compared: ComparedTable[] = [];
  for (const table of tables) {
    const { parts, encoding } = table;
    const held = parts.length === 0 ? [table] : parts.map((part) => ({ ...part, encoding, order: 'kept' as const }));
    const outcomes: Pick<ComparedTable, 'outcome' | 'reason'>[] = [];
    for (const each of held) outcomes.push(await compareTable(client, each));
    const worst = outcomes.find(({ outcome }) => outcome !== 'equal') ?? ({ outcome: 'equal', reason: null } as const);
    compared.push({ ...table, ...worst });
  }
  return compared;
}

/** Whether the rows are the same in another order: something other than COPY has written them, or moved them elsewhere. */
async function compareUnordered(client: pg.Client, dump: HashedDump, tables: HeldTable[]): Promise<ComparedTable[]> {
  if (tables.length === 0) return [];
  const hashed = await dump.hashEachRow(new Set(tables.map(({ table }) => table)));
  const unordered = tables.map((table) => ({ ...table, ...hashed.get(table.table) }));
  const reason = 'its partitions have their columns in other orders';
  return [
    ...(await compareEach(client, ofForm(unordered, 'copy'))),
    ...ofForm(unordered, 'mixed').map((table): ComparedTable => ({ ...table, outcome: 'not-comparable', reason })),
  ];
}

async function compareTable(
  client: pg.Client,
  table: Pick<HeldTable, 'table' | 'columns' | 'hash' | 'order' | 'encoding'> & { condition?: string },
): Promise<Pick<ComparedTable, 'outcome' | 'reason'>> {
  try {
    const hash = await hashCopy(client, copyOf(table), table.order);
    return { outcome: hash === table.hash ? 'equal' : 'different', reason: null };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || isOfSession(error)) throw error;
    await client.query('rollback to savepoint rows');
    return { outcome: 'not-read', reason: error.message };
  }
}

/** Cancelled, shut down, locked or out of resources: nothing that the table is to blame for. */
function isOfSession({ code = '' }: pg.DatabaseError): boolean {
  return /^(57|53|55P03|58)/.test(code);
}
