import pg from 'pg';
import { nameKey } from '../../postgres/name-key.ts';
import { qualify } from '../../restore/part/find-tables.ts';
import type { TableShape } from './table-shape.ts';

/** A table whose rows are to be brought back, by its names and what it is like in both databases. */
export interface BroughtBack {
  schema: string;
  name: string;
  restored: TableShape;
  live: TableShape;
}

/**
 * What to paste into psql so that rows which the live database lacks come back from the restored one: each table is copied
 * through the client, and rows are added whose key is not there. What is there stays as it is. All in one transaction, tables
 * that others refer to first. A name with a line break or the like is written with escapes: nothing in the text is. Pure.
 */
export function bringBackScript(databases: { live: string; restored: string }, tables: BroughtBack[]): string[] {
  const files = inOrder(tables).map((table, index) => ({ ...table, rows: `restored_rows_${index + 1}` }));
  return [
    connectLine(databases.restored),
    ...printedAlike,
    ...files.map(({ rows, ...table }) => {
      return `copy (select ${columnsOf(table)} from only ${target(table)}) to stdout \\g ${rows}.copy`;
    }),
    connectLine(databases.live),
    ...printedAlike,
    'begin;',
    ...files.flatMap(insertLines),
    'commit;',
    `\\! rm ${files.map(({ rows }) => `${rows}.copy`).join(' ')}`,
  ];
}

/** A name as SQL takes it, without characters that a terminal would not show. Pure. */
export function pasteIdentifier(name: string): string {
  const quoted = name.replaceAll('"', '""');
  return hidden.test(name) ? `U&"${escape(quoted)}"` : `"${quoted}"`;
}

/** Whatever settings databases and roles have, values are read as they were written. */
const printedAlike = ["set datestyle to 'ISO'; set intervalstyle to 'postgres'; set extra_float_digits to 3;"];

/** As pg_dump writes it: any name is only a name, and the connection is otherwise the one that is there. */
function connectLine(database: string): string {
  const value = database.replace(/[\\']/g, '\\$&').replaceAll('"', '""');
  return `\\connect -reuse-previous=on "dbname='${value}'"`;
}

function insertLines({ rows, ...table }: BroughtBack & { rows: string }): string[] {
  const columns = columnsOf(table);
  const isAlways = table.live.columns.some(({ alwaysIdentity }) => alwaysIdentity);
  const insert = `insert into ${target(table)} (${columns})${isAlways ? ' overriding system value' : ''}`;
  return [
    `create temporary table ${rows} on commit drop as select ${columns} from ${target(table)} with no data;`,
    `\\copy ${rows} from ${rows}.copy`,
    `${insert} ${missingRows(table, rows)};`,
    ...table.live.columns.filter(({ serial }) => serial).map(({ name }) => moveSequence(table, name)),
  ];
}

/** Without a key, as many of each row as there were. */
function missingRows(table: BroughtBack, rows: string): string {
  const columns = columnsOf(table);
  const { key, deferrable } = table.live;
  const isKeyed = key?.every((name) => commonColumns(table).includes(name)) === true;
  if (isKeyed && !deferrable) return `select ${columns} from ${rows} on conflict do nothing`;
  if (isKeyed) {
    const same = key.map((name) => `live.${pasteIdentifier(name)} = restored.${pasteIdentifier(name)}`).join(' and ');
    return `select ${columns} from ${rows} as restored where not exists (select from ${target(table)} as live where ${same})`;
  }
  const row = `row(${columns})::text`;
  return (
    `select ${columns} from (select *, ${row} as row_text, row_number() over (partition by ${row}) as row_copy from ${rows}) as restored ` +
    `left join (select ${row} as row_text, count(*) as row_copies from ${target(table)} group by 1) as live using (row_text) ` +
    'where row_copy > coalesce(row_copies, 0)'
  );
}

/** Rows that come back have numbers that the sequence must not give again. */
function moveSequence(table: BroughtBack, column: string): string {
  const quoted = [table.schema, table.name].map((name) => pg.escapeIdentifier(name)).join('.');
  const sequence = `pg_get_serial_sequence(${pasteLiteral(quoted)}, ${pasteLiteral(column)})::regclass`;
  return (
    `select setval(sequence, highest) from (select ${sequence} as sequence, ` +
    `(select max(${pasteIdentifier(column)}) from ${target(table)}) as highest) as position ` +
    'where highest > coalesce(pg_sequence_last_value(sequence), 0);'
  );
}

/** Those that both have, and that take values. */
function commonColumns({ live, restored }: BroughtBack): string[] {
  const there = new Set(restored.columns.map(({ name }) => name));
  return live.columns.filter(({ name, generated }) => !generated && there.has(name)).map(({ name }) => name);
}

function columnsOf(table: BroughtBack): string {
  return commonColumns(table).map(pasteIdentifier).join(', ');
}

function target({ schema, name }: Pick<BroughtBack, 'schema' | 'name'>): string {
  return `${pasteIdentifier(schema)}.${pasteIdentifier(name)}`;
}

/** Those that others refer to come first; where they refer to each other in a circle, the order is theirs. */
function inOrder(tables: BroughtBack[]): BroughtBack[] {
  const ordered = new Set<BroughtBack>();
  const visit = (table: BroughtBack, above: BroughtBack[]) => {
    for (const name of table.live.refersTo) {
      const other = tables.find((each) => nameKey(qualify(each)) === nameKey(name));
      if (other !== undefined && !above.includes(other)) visit(other, [...above, table]);
    }
    ordered.add(table);
  };
  for (const table of tables) visit(table, []);
  return [...ordered];
}

function pasteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return hidden.test(text) ? `U&'${escape(quoted)}'` : `'${quoted}'`;
}

const hidden = /[\p{C}\u2028\u2029]/u;

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(/[\p{C}\u2028\u2029]/gu, (character) => {
    return `\\+${(character.codePointAt(0) ?? 0).toString(16).padStart(6, '0')}`;
  });
}
