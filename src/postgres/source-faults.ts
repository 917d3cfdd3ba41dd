import { OperationalError, type ErrorCode } from '../system/operational-error.ts';

/** Rows of a source that cannot be read, whoever tries: why, and of which table. */
export class UnreadableTable extends OperationalError {
  /** As SQL names it; null where nothing says which. */
  readonly table: string | null;

  constructor(code: ErrorCode, message: string, table: string | null, options?: ErrorOptions) {
    super(code, message, options);
    this.table = table;
  }
}

/** Who read what when it failed. */
export interface ReadAttempt {
  /** As SQL names it; null where only what was said may name it. */
  table: string | null;
  role: string;
}

/** What is wrong with a source. */
export interface SourceFault {
  code: ErrorCode;
  table: string | null;
  /** The cause, and the next step. */
  next: string;
}

/**
 * What is wrong with a source, from what PostgreSQL says when its rows are read; null for what is none of these. Pure.
 * @param said all of it, also the details of a message
 */
export function findSourceFault(said: string, { table, role }: ReadAttempt): SourceFault | null {
  for (const { pattern, code, explain } of faults) {
    const match = pattern.exec(said);
    if (match === null) continue;
    const named = table ?? match[1] ?? null;
    return { code, table: named, next: explain(named === null ? 'the table' : `the table ${named}`, role) };
  }
  return null;
}

interface Kind {
  /** Its first group, if any, names the table. */
  pattern: RegExp;
  code: ErrorCode;
  explain: (table: string, role: string) => string;
}

const faults: Kind[] = [
  {
    pattern: /affected by row-level security policy for table "([^"]+)"/,
    code: 'ROW_SECURITY',
    explain: (table, role) =>
      `Row security would hide rows of ${table} from ${role}; where the table says FORCE ROW LEVEL SECURITY, its owner is bound, too. ` +
      'Take the backup as a role with BYPASSRLS (ALTER ROLE … BYPASSRLS) or as a superuser; with --enable-row-security the hidden rows would be missing.',
  },
  {
    pattern: /conflict with recovery/,
    code: 'SOURCE_NOT_READABLE',
    explain: () =>
      'This server is a standby, and replays changes to what the backup reads. Set hot_standby_feedback = on there, or raise max_standby_streaming_delay, or take the backup from the primary.',
  },
  {
    // Sizes that no value has are read from bytes that have changed; text of a value is at most four times as long, and a value 1 GB.
    pattern: new RegExp(
      [
        'missing chunk number|unexpected chunk (?:number|size)|invalid page in block|could not read block|page verification failed',
        'compressed (?:pglz |lz4 )?data is corrupt|could not access status of transaction|unexpected data beyond EOF',
        'invalid memory alloc request size (?:[5-9]\\d{9}|\\d{11,})|could not open file "(?:base|pg_tblspc)/|found xm(?:in|ax) ',
        'invalid toast|toast chunk|tuple (?:offset|length) |item pointer|unexpected zero page|cache lookup failed for type',
      ].join('|'),
    ),
    code: 'SOURCE_CORRUPT',
    explain: (table) =>
      `That is corruption: bytes of ${table} on the server's disk are damaged, and no role can read them. ` +
      'See with pg_amcheck how far it goes, keep the older backups, and restore the table from one of them.',
  },
  {
    pattern:
      /invalid memory alloc request size|Cannot enlarge string buffer|string buffer exceeds maximum|cannot allocate memory for (?:in|out)put buffer/,
    code: 'VALUE_TOO_LARGE',
    explain: (table) =>
      `A row of ${table} holds a value that is too large to be dumped: as text it takes more than 1 GB, which is the limit of PostgreSQL. ` +
      'Split the value, or move it into a large object or a file.',
  },
  {
    pattern: /cannot access temporary or unlogged relations during recovery/,
    code: 'SOURCE_NOT_READABLE',
    explain: (table) =>
      `This server is a standby, and ${table} is unlogged: only the primary has its rows. Take the backup from the primary.`,
  },
  {
    pattern: /invalid byte sequence for encoding/,
    code: 'INVALID_BYTES',
    explain: (table) =>
      `Bytes in ${table} or in a definition are no text of the encoding that PostgreSQL names. In a database of that encoding, a dump of them ` +
      'cannot be restored; in one of SQL_ASCII, they can be dumped and restored, but not compared. Mend the text at the source.',
  },
  {
    pattern: /permission denied for large object/,
    code: 'SOURCE_NOT_READABLE',
    explain: (_, role) =>
      'Large objects are not covered by pg_read_all_data: take the backup as their owner or as a superuser, or let one ' +
      `GRANT SELECT ON LARGE OBJECT … TO ${role} for each (SELECT oid FROM pg_largeobject_metadata).`,
  },
  {
    pattern: /permission denied for (?:table|sequence|materialized view|foreign table|view|relation) ("[^"]+"|\S+)/,
    code: 'SOURCE_NOT_READABLE',
    explain: (_, role) =>
      `All rows have to be read: GRANT pg_read_all_data TO ${role} (from PostgreSQL 14 on), or connect as the owner of the database or as a superuser.`,
  },
];
