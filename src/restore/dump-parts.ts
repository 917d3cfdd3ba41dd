import type { BackupFinding } from '../backup/format/backup-finding.ts';
import type { Finding } from '../evidence/schema.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { findTable } from '../snapshot/find-table.ts';
import type { CheckId } from '../snapshot/difference.ts';
import { typedAnywhere } from '../terminal/suggest.ts';

/** A part that a dump leaves out, and the check that it fails. */
export interface MissingPart {
  check: CheckId;
  finding: Finding;
}

type Entries = Pick<DumpedContents, 'entries'>;

/** Entries that define a relation, and those that are nothing without one. */
const relations = ['TABLE', 'FOREIGN TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SEQUENCE', 'EXTENSION'];
const parts = ['TABLE DATA', 'SEQUENCE SET', 'INDEX', 'CONSTRAINT', 'FK CONSTRAINT', 'TRIGGER', 'RULE', 'POLICY'];

/** What pg_dump writes behind the data, its section post-data, as far as it belongs to tables. */
const postData = [
  ...['INDEX', 'INDEX ATTACH', 'CONSTRAINT', 'FK CONSTRAINT', 'CHECK CONSTRAINT', 'STATISTICS', 'TRIGGER', 'RULE'],
  ...['POLICY', 'ROW SECURITY', 'PUBLICATION TABLE', 'MATERIALIZED VIEW DATA'],
];

/** Objects that pg_dump fills by an entry of its own, also where there is nothing in them, unless it was told not to. */
const filled = [
  {
    type: 'TABLE',
    by: 'TABLE DATA',
    rule: 'TABLE_DATA_MISSING',
    check: 'row-counts',
    severity: 'error',
    tell: (name: string) => `The dump defines the table ${name}, and does not hold its data.`,
    remedy: 'Dump without --exclude-table-data; of a standby, unlogged tables are never dumped with their data.',
  },
  {
    type: 'SEQUENCE',
    by: 'SEQUENCE SET',
    rule: 'SEQUENCE_POSITION_MISSING',
    check: 'sequences',
    severity: 'error',
    tell: (name: string) => `The dump defines the sequence ${name}, and does not hold its position.`,
    remedy: 'Dump without --exclude-table-data, whose pattern fits sequences, too.',
  },
  {
    type: 'MATERIALIZED VIEW',
    by: 'MATERIALIZED VIEW DATA',
    rule: 'MATERIALIZED_VIEW_DATA_MISSING',
    check: 'row-counts',
    // Its rows are computed: none is lost, whichever it was.
    severity: 'warning',
    tell: (name: string) =>
      `The dump defines the materialized view ${name}, and does not fill it: pg_dump was told so, or it had no data. It cannot be read until it is refreshed.`,
    remedy: 'Refresh it after a restore, or dump without --exclude-table-data and refresh it at the source.',
  },
] as const;

/** That a dump holds data, keys or the like of tables, and defines none: it cannot be restored into an empty database. Pure. */
export function findMissingDefinitions({ entries }: Entries): BackupFinding[] {
  if (relations.some((type) => entries.has(type)) || !parts.some((type) => entries.has(type))) return [];
  const held = parts.filter((type) => entries.has(type)).join(', ');
  return [
    {
      rule: 'DUMP_WITHOUT_DEFINITIONS',
      message: `The dump holds no definitions of tables, only what needs them (${held}): it is data-only, or one section.`,
      remedy: 'Dump without --data-only and --section: what is in the dump now cannot be restored by itself.',
    },
  ];
}

/**
 * What a dump leaves out, as far as it tells: its table of contents has an object, and not what pg_dump dumps with it. What it
 * does not speak of at all, nobody can tell.
 * @param after the restored database
 * @param named tables that the profile names
 */
export function findMissingParts(contents: DumpedContents, after: Snapshot, named: string[]): MissingPart[] {
  const unnamed = named.filter((name) => findTable(after, name) === undefined).map(missingTable);
  return [
    ...unnamed.map((finding): MissingPart => ({ check: 'row-counts', finding })),
    ...findMissingData(contents, after),
    ...findHiddenRows(contents, after).map((finding): MissingPart => ({ check: 'row-counts', finding })),
    ...findMissingPostData(contents).map((finding): MissingPart => ({ check: 'definitions', finding })),
  ];
}

/** That a dump defines tables, and holds no row of any, by its own account alone: whatever else keeps it from being restored. Pure. */
export function findNoRows({ entries, tables }: Pick<DumpedContents, 'entries' | 'tables'>): Finding[] {
  const defined = objectsOf(entries, 'TABLE');
  return defined.length === 0 || entries.has('TABLE DATA') || tables.size > 0 ? [] : [noRows(defined)];
}

function findMissingData({ entries, tables: dumped }: DumpedContents, after: Snapshot): MissingPart[] {
  const tables = tablesWithRows(entries, after);
  if (tables.length > 0 && !entries.has('TABLE DATA') && dumped.size === 0) {
    return [{ check: 'row-counts', finding: noRows(tables) }];
  }
  if (entries.size === 0) return [];
  return filled.flatMap(({ type, by, rule, check, severity, tell, remedy }) => {
    // One finding says it all where a whole section is missing.
    if (by === 'MATERIALIZED VIEW DATA' && !hasPostData(entries)) return [];
    return (type === 'TABLE' ? tables : objectsOf(entries, type))
      .filter((object) => entries.get(by)?.has(object) !== true)
      .map((object) => findTable(after, object)?.name ?? object)
      .map((object) => ({ check, finding: { rule, severity, object, message: tell(object), remedy } }));
  });
}

/** pg_dump gives up where a policy would hide rows from it, unless it is told to dump what it sees. */
function findHiddenRows({ entries, rowSecurity }: DumpedContents, after: Snapshot): Finding[] {
  const secured = objectsOf(entries, 'ROW SECURITY').map((object) => findTable(after, object)?.name ?? object);
  if (secured.length === 0 || rowSecurity === 'off') return [];
  if (rowSecurity === 'on') return secured.map(hiddenRows);
  return [
    {
      rule: 'ROW_SECURITY_NOT_KNOWN',
      severity: 'warning',
      object: secured.length === 1 ? (secured[0] ?? 'dump') : 'dump',
      message: `Policies guard the rows of ${list(secured)}, and an archive does not say whether pg_dump was told to leave out those they hide.`,
      remedy: `Dump without --enable-row-security: pg_dump then fails where rows are hidden from its role. With a manifest (${typedAnywhere('backup')}) they are counted.`,
    },
  ];
}

function hiddenRows(object: string): Finding {
  return {
    rule: 'ROWS_BEHIND_ROW_SECURITY',
    severity: 'error',
    object,
    message: `The dump was taken with --enable-row-security: of ${object}, it holds the rows that policies showed to its role.`,
    remedy: 'Dump without --enable-row-security, with the owner of the table or a role that has BYPASSRLS.',
  };
}

/** Partitioned tables have none of their own. Where somebody took the comments out of a dump, the restored tables are all we know. */
function tablesWithRows(entries: DumpedContents['entries'], after: Snapshot): string[] {
  if (entries.size === 0) return after.tables.filter(({ kind }) => kind === 'table').map(({ name }) => name);
  return objectsOf(entries, 'TABLE').filter((name) => findTable(after, name)?.kind !== 'partitioned');
}

/** Where every column of every table may be NULL, there was no primary key; a database without one may have no index either. */
function findMissingPostData({ entries, hasRequiredColumn }: DumpedContents): Finding[] {
  const tables = objectsOf(entries, 'TABLE');
  if (tables.length === 0 || hasPostData(entries)) return [];
  return [
    {
      rule: 'POST_DATA_MISSING',
      severity: hasRequiredColumn ? 'error' : 'warning',
      object: 'dump',
      message: `The dump defines ${list(tables)}, and no key, index, constraint or trigger of any: its section post-data was left out, or the source has none.`,
      remedy:
        'Dump without --section, or all sections into one dump. If the source has none, tolerate this in the profile, with that for a reason.',
    },
  ];
}

function noRows(tables: string[]): Finding {
  return {
    rule: 'DUMP_WITHOUT_ROWS',
    severity: 'error',
    object: 'dump',
    message: `The dump holds definitions alone: it defines ${list(tables)}, and has no data of any.`,
    remedy: 'Dump without --schema-only, with all sections, and with a role that may read every table.',
  };
}

function missingTable(name: string): Finding {
  return {
    rule: 'TABLE_MISSING',
    severity: 'error',
    object: name,
    message: `The profile names the table ${name}, and the restored database has none of that name.`,
    remedy: 'Dump without --table, --schema and --exclude-table, or correct "tables" in the profile.',
  };
}

function hasPostData(entries: DumpedContents['entries']): boolean {
  return postData.some((type) => entries.has(type));
}

function objectsOf(entries: DumpedContents['entries'], type: string): string[] {
  return [...(entries.get(type) ?? [])];
}

function list(tables: string[]): string {
  const more = tables.length > 5 ? ` and ${tables.length - 5} more` : '';
  return `${tables.length} table${tables.length === 1 ? '' : 's'} (${tables.slice(0, 5).join(', ')}${more})`;
}
