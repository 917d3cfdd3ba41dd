import type { Evidence } from '../../evidence/schema.ts';
import type { LayerName } from '../../backup/layers/layer.ts';
import type { TextSettings } from '../../postgres/copy-out.ts';
import { nameInSql } from '../../snapshot/find-table.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { ComparedTable, RowComparison } from './row-comparison.ts';

/** What asks a restored database for the rows of a table as a dump of it has them. Pure. */
export function copyOf({ table, columns, order, encoding, condition = '' }: Copied): string {
  // The names in the statement are in the encoding of the session.
  const out = encoding === 'UTF8' ? 'to stdout' : `to stdout with (encoding '${encoding}')`;
  if (condition !== '') return `copy (select ${columns ?? '*'} from only ${table} ${condition}) ${out}`;
  if (order === 'kept') return `copy ${table}${columns === null ? '' : ` (${columns})`} ${out}`;
  // A partitioned table can only be read by a query; the order of its rows means nothing.
  return `copy (select ${columns ?? '*'} from ${table}) ${out}`;
}

type Copied = Pick<ComparedTable, 'table' | 'columns' | 'order' | 'encoding'> & { condition?: string };

/** A dump, as somebody finds it who wants to repeat what was done with it. */
export interface DumpAtHand {
  file: string;
  isPlain: boolean;
  /** What is around it, from the outside in. */
  layers: LayerName[];
}

/**
 * The SHA-256 of every table's rows, and the commands that give it again, from the dump and from a database. Pure.
 * @param after the restored database
 */
export function describeRowHashes(
  { tables, settings }: RowComparison,
  dump: DumpAtHand,
  after: Pick<Snapshot, 'tables'>,
): RowHashes {
  const hashed = new Set(after.tables.filter(({ hashedIn }) => hashedIn !== undefined).map(nameInSql));
  return {
    environment: environment(settings),
    tables: tables.flatMap((table) => [describe(table, dump), ...describeParts(table, hashed)]),
  };
}

type RowHashes = NonNullable<Evidence['rowHashes']>;
type RowHash = RowHashes['tables'][number];

function describe(table: ComparedTable, dump: DumpAtHand): RowHash {
  const { table: name, rows, outcome, reason, hash } = table;
  const isRepeatable = table.form === 'copy' && table.order === 'kept' && table.parts.length === 0;
  return {
    ...{ table: name, rows, outcome, reason: reason ?? (isRepeatable ? null : whyNotRepeatable(table)) },
    sha256: isRepeatable ? hash : null,
    ofDump: isRepeatable && dump.layers.every((name) => programs.has(name)) ? ofDump(table, dump) : null,
    ofDatabase: isRepeatable ? ofDatabase(table) : null,
  };
}

function whyNotRepeatable({ form, parts }: ComparedTable): string {
  if (form === 'insert') return 'no hash: the dump inserts them, and they were compared as pg_dump writes INSERT';
  if (parts.length > 0) return 'no hash: the dump holds them by partition, and they were compared by partition';
  return 'no hash: they were compared in any order';
}

/**
 * The rows of a partitioned table that was dumped with --load-via-partition-root can be repeated by partition, unless a hash of
 * the key tells partitions apart: it may be another one in another database.
 */
function describeParts({ parts, outcome, reason, encoding }: ComparedTable, hashed: ReadonlySet<string>): RowHash[] {
  if (outcome !== 'equal') return [];
  const repeatable = parts.filter(({ table }) => !hashed.has(table));
  return repeatable.map((part) => ({
    ...{ table: part.table, rows: null, outcome, reason, sha256: part.hash },
    ofDump: null,
    ofDatabase: ofDatabase({ ...part, encoding }),
  }));
}

function ofDatabase(held: Omit<Copied, 'order'>): string {
  return `psql --no-psqlrc --quiet --command ${quote(copyOf({ ...held, order: 'kept' }))} | sha256sum`;
}

/** The rows of a dump stand between the line that starts COPY and one with a backslash and a point. */
function ofDump({ table, columns, encoding }: ComparedTable, dump: DumpAtHand): string | null {
  const head = `COPY ${table}${columns === null ? '' : ` (${columns})`} FROM stdin;`;
  // What is pasted into a terminal is UTF-8.
  if (encoding !== 'UTF8' && /[^\0-\x7f]/.test(head)) return null;
  const rows = `$0 == "\\\\." { rows = 0 } rows; $0 == "${head.replace(/[\\"]/g, '\\$&')}" { rows = 1 }`;
  return `${readDump(dump)} | LC_ALL=C awk ${quote(rows)} | sha256sum`;
}

function readDump({ file, isPlain, layers }: DumpAtHand): string {
  const restore = 'pg_restore --data-only --file=-';
  if (layers.length === 0) return isPlain ? `cat ${quote(file)}` : `${restore} ${quote(file)}`;
  const unpack = layers.map((name) => `${name} --decompress --stdout`);
  return [`cat ${quote(file)}`, ...unpack, ...(isPlain ? [] : [restore])].join(' | ');
}

/** Layers that are undone by a program of the same name. */
const programs = new Set<LayerName>(['gzip', 'zstd', 'xz', 'bzip2', 'lz4']);

/** For psql; `export` stands in front of each. */
function environment({ timeZone, byteaOutput, quotesAll }: TextSettings): Record<string, string> {
  const settings = {
    bytea_output: byteaOutput,
    ...{ datestyle: 'ISO', intervalstyle: 'postgres', extra_float_digits: '3', synchronize_seqscans: 'off' },
    ...(quotesAll && { quote_all_identifiers: 'on' }),
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return { PGTZ: timeZone, PGCLIENTENCODING: 'UTF8', PGOPTIONS: options.join(' ') };
}

/** For a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
