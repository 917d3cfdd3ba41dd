import pg from 'pg';
import { disconnect, interpretError } from '../../postgres/connection.ts';
import { hashCopy, setTextFormat, type TextSettings } from '../../postgres/copy-out.ts';
import type { DumpedTable } from '../../postgres/plain-dump-rows.ts';
import { readDumpConditions } from '../../postgres/extensions.ts';
import { connectToSource } from '../../postgres/source.ts';
import { findTimeZones } from './dump-time-zone.ts';
import { readInserted } from './inserted-rows.ts';
import { copyOf } from './repeat.ts';
import { compareLargeObjects } from './compare-large-objects.ts';
import type { ComparedTable, HashedDump, RestoredRows, RowComparison } from './row-comparison.ts';

/**
 * Holds the rows of a restored database against those of its dump, byte by byte: pg_dump writes a table in the order of its heap,
 * and COPY loads it so. What the dump does not say of its source, its time zone and its format of bytea, is found out.
 * @throws OperationalError for what is not the backup's fault
 */
export async function compareRows(restored: RestoredRows, dump: HashedDump): Promise<RowComparison> {
  const client = await connectToSource(restored.reader, restored.limits);
  try {
    await client.query('begin transaction isolation level repeatable read, read only');
    await client.query('savepoint rows');
    const largeObjects = await compareLargeObjects(client, dump.contents.largeObjects);
    const copied = await compareCopied(client, dump);
    const inserted = await compareInserted(client, restored, dump, copied.settings);
    return { tables: [...copied.tables, ...inserted], largeObjects, settings: copied.settings };
  } catch (error) {
    throw interpretError(error);
  } finally {
    await disconnect(client);
  }
}

async function compareCopied(client: pg.Client, dump: HashedDump): Promise<Omit<RowComparison, 'largeObjects'>> {
  let open = await addConditions(
    client,
    ofForm(dump, (form) => form === 'copy'),
  );
  const tables: ComparedTable[] = [];
  const [first, ...others] = await possibleSettings(client, dump);
  let settings = first;
  for (const each of [first, ...others]) {
    await setTextFormat(client, each);
    const compared = await compareEach(client, open);
    const equal = compared.filter(({ outcome }) => outcome !== 'different');
    if (equal.length > 0) settings = each;
    tables.push(...equal);
    open = open.filter(({ table }) => !equal.some((other) => other.table === table));
    if (open.length === 0) break;
  }
  if (open.length > 0) {
    await setTextFormat(client, settings);
    tables.push(...(await compareUnordered(client, dump, open)));
  }
  return { tables, settings };
}

type HeldTable = DumpedTable & Pick<ComparedTable, 'table' | 'condition'>;

function ofForm({ contents }: HashedDump, isWanted: (form: DumpedTable['form']) => boolean): HeldTable[] {
  return [...contents.tables]
    .map(([table, dumped]) => ({ table, condition: '', ...dumped }))
    .filter(({ form }) => isWanted(form));
}

async function addConditions(client: pg.Client, tables: HeldTable[]): Promise<HeldTable[]> {
  const conditions = await readDumpConditions(client);
  return tables.map((table) => ({ ...table, condition: conditions.get(table.table) ?? '' }));
}

async function possibleSettings(
  client: pg.Client,
  { contents }: HashedDump,
): Promise<[TextSettings, ...TextSettings[]]> {
  const { timestamps } = contents;
  const [timeZone = 'UTC', ...others] = timestamps.length === 0 ? [] : await findTimeZones(client, timestamps);
  const quotesAll = contents.tables.size > 0 && [...contents.tables.keys()].every((table) => table.startsWith('"'));
  const encoding = contents.encoding ?? 'UTF8';
  const usual: TextSettings = { timeZone, byteaOutput: 'hex', encoding, quotesAll };
  return [usual, ...others.map((zone) => ({ ...usual, timeZone: zone })), { ...usual, byteaOutput: 'escape' }];
}

async function compareEach(client: pg.Client, tables: HeldTable[]): Promise<ComparedTable[]> {
  const compared: ComparedTable[] = [];
  for (const table of tables) {
    const held = table.parts.length > 0 ? table.parts.map((part) => ({ ...part, order: 'kept' as const })) : [table];
    const outcomes: Pick<ComparedTable, 'outcome' | 'reason'>[] = [];
    for (const each of held) outcomes.push(await compareTable(client, each));
    const [first = { outcome: 'equal', reason: null } as const] = outcomes.filter(({ outcome }) => outcome !== 'equal');
    compared.push({ ...table, ...first });
  }
  return compared;
}

/** Whether the rows are the same in another order: something other than COPY has written them, or moved them elsewhere. */
async function compareUnordered(client: pg.Client, dump: HashedDump, tables: HeldTable[]): Promise<ComparedTable[]> {
  const hashed = await dump.hashEachRow(new Set(tables.map(({ table }) => table)));
  const unordered = tables.map((table) => ({ ...table, ...hashed.get(table.table) }));
  const compared = await compareEach(
    client,
    unordered.filter(({ form }) => form === 'copy'),
  );
  const apart = unordered.filter(({ form }) => form !== 'copy');
  return [
    ...compared,
    ...apart.map((table) => notComparable(table, 'its partitions have their columns in other orders')),
  ];
}

async function compareInserted(
  client: pg.Client,
  restored: RestoredRows,
  dump: HashedDump,
  settings: TextSettings,
): Promise<ComparedTable[]> {
  const tables = ofForm(dump, (form) => form !== 'copy');
  if (tables.length === 0) return [];
  const names = tables.some(({ columns }) => columns !== null);
  const found = await readInserted(restored, { names, settings });
  const children = names ? new Set() : await listChildren(client);
  return tables.map((table): ComparedTable => {
    const other = found.get(table.table);
    if (table.form === 'mixed') return notComparable(table, 'the dump holds them partly as COPY, partly as INSERT');
    if (other !== undefined && other.columns !== table.columns) {
      return notComparable(table, 'the restored table has its columns in another order');
    }
    // Its columns may have come back in another order, and the rows do not say which value is whose.
    if (children.has(table.table)) return notComparable(table, 'the dump inserts into a child without naming columns');
    const same = other === undefined ? table.rows === 0 : other.hash === table.hash;
    return { ...table, outcome: same ? 'equal' : 'different', reason: null };
  });
}

async function listChildren(client: pg.Client): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(inheritanceChildren);
  return new Set(rows.map(({ name }) => name));
}

const inheritanceChildren = `
  select pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where not class.relispartition
  and exists (select from pg_catalog.pg_inherits where inhrelid = class.oid)`;

function notComparable(table: HeldTable, reason: string): ComparedTable {
  return { ...table, outcome: 'not-comparable', reason };
}

async function compareTable(
  client: pg.Client,
  table: Pick<DumpedTable, 'columns' | 'hash' | 'order'> & { table: string; condition?: string },
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
