import type pg from 'pg';
import type { TextSettings } from '../../postgres/copy-out.ts';
import { explainDumpError } from '../../postgres/dump-errors.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import { PlainDumpReader } from '../../postgres/plain-dump-reader.ts';
import { pinTool } from '../../snapshot/pinned-settings.ts';
import type { ComparedTable, HeldTable, RestoredRows } from './row-comparison.ts';

/**
 * Holds rows that a dump inserts against those of the restored tables, as pg_dump writes them with INSERT.
 * @throws OperationalError with what pg_dump says
 */
export async function compareInserted(
  client: pg.Client,
  restored: RestoredRows,
  tables: HeldTable[],
  settings: TextSettings,
): Promise<ComparedTable[]> {
  if (tables.length === 0) return [];
  const names = tables.some(({ columns }) => columns !== null);
  const found = await readInserted(restored, { names, settings });
  const children = names ? new Set() : await listChildren(client);
  return tables.map((table): ComparedTable => {
    const other = found.get(table.table);
    if (other !== undefined && other.columns !== table.columns) {
      return notComparable(table, 'the restored table has its columns in another order');
    }
    // Its columns may have come back in another order, and the rows do not say which value is whose.
    if (children.has(table.table)) return notComparable(table, 'the dump inserts into a child without naming columns');
    const same = other === undefined ? table.rows === 0 : other.hash === table.hash;
    return { ...table, outcome: same ? 'equal' : 'different', reason: null };
  });
}

function notComparable(table: HeldTable, reason: string): ComparedTable {
  return { ...table, outcome: 'not-comparable', reason };
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

/**
 * Reads the rows of a restored database as pg_dump writes them with INSERT, by table.
 * @param names whether columns are named: then their order is that of the restored table
 * @throws OperationalError with what pg_dump says
 */
async function readInserted(
  { reader, runner, limits }: RestoredRows,
  { names, settings }: { names: boolean; settings: TextSettings },
): Promise<DumpedContents['tables']> {
  const dump = new PlainDumpReader();
  const pinned = pinTool(runner, { timezone: settings.timeZone, bytea_output: settings.byteaOutput });
  const quotes = settings.quotesAll ? ['--quote-all-identifiers'] : [];
  const { exitCode, stderr } = await pinned.runTool({
    tool: 'pg_dump',
    // Called --no-large-objects from version 16 on, which takes the old name, too. The role may not read them through functions.
    args: [
      '--data-only',
      '--no-blobs',
      names ? '--column-inserts' : '--inserts',
      `--encoding=${settings.encoding}`,
      ...quotes,
    ],
    ...reader,
    ...limits,
    async consumeStdout(source) {
      for await (const chunk of source) dump.feed((chunk as Buffer).toString('latin1'));
    },
  });
  if (exitCode === 0) return dump.end().contents.tables;
  const failed = `The rows of ${reader.database} could not be read`;
  throw explainDumpError(
    { stderr },
    { failed, secrets: [reader.password], role: reader.user, otherwise: 'SOURCE_NOT_READABLE' },
  );
}
