/** An error as pg_restore or psql printed it, with what was printed around it. */
export interface PrintedError {
  line: string;
  /** What was being restored: `INDEX people_name`. */
  entry: string | null;
  /** The function that failed: `SQL function "f_unaccent"`. */
  where: string | null;
  /** Of rows that were being read: the table, the column, and which one it is of its rows. */
  table: string | null;
  column: string | null;
  row: number | null;
}

/**
 * The errors in what pg_restore or psql printed: `pg_restore: error: …` or `psql:<stdin>:12: ERROR: …`; the line on how many
 * were ignored counts those before it. Pure.
 */
export function readRestoreErrors(log: string): PrintedError[] {
  const errors: PrintedError[] = [];
  let entry: string | null = null;
  for (const line of log.split('\n')) {
    const said = entryLine.exec(line)?.groups;
    if (said !== undefined) entry = `${said['type'] ?? ''} ${said['name'] ?? ''}`;
    if (errorLine.test(line)) {
      const table = copyFailed.exec(line)?.[1] ?? ofRelation.exec(line)?.[1] ?? null;
      errors.push({ line, entry, where: null, table, column: null, row: null });
      entry = null;
    }
    const last = errors.at(-1);
    if (last !== undefined) readContext(line, last);
  }
  return errors;
}

function readContext(line: string, error: PrintedError): void {
  const { name, row, column } = copyContext.exec(line)?.groups ?? {};
  if (name !== undefined) {
    error.table ??= name;
    error.row ??= row === undefined ? null : Number(row);
    error.column ??= column ?? null;
  }
  error.where ??= functionContext.exec(line)?.[1] ?? null;
  const { type, object } = command.exec(line)?.groups ?? {};
  if (type !== undefined && object !== undefined) error.entry ??= `${type} ${object}`;
}

const errorLine = /^(?:pg_restore: (?:error|fatal): |psql:<stdin>:\d+: (?:ERROR|error|FATAL|PANIC):|psql: error: )/;
/** `from TOC entry 3322; 1259 16410 INDEX people_name app`: types are in capitals, and the owner, who comes last, may be missing. */
const entryLine = /^pg_restore: (?:from|in) TOC entry \d+; \d+ \d+ (?<type>[A-Z][A-Z ]*[A-Z]) (?<name>.+?)(?: \S*)?$/;
/** Where pg_restore stops at an error, only the command tells. */
const command =
  /ommand was: (?:CREATE|ALTER|REFRESH)(?: OR REPLACE| UNIQUE| UNLOGGED| CONSTRAINT)* (?<type>(?:MATERIALIZED |FOREIGN |EVENT )?[A-Z]+)(?: ONLY| CONCURRENTLY| IF NOT EXISTS)* (?<object>(?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)/;
const copyFailed = /COPY failed for table "([^"]+)"/;
const ofRelation = /of relation "([^"]+)"/;
const copyContext = /^(?:CONTEXT: +)?COPY (?<name>[^,]+), line (?<row>\d+)(?:, column (?<column>[^:]+))?/;
const functionContext = /^(?:CONTEXT: +)?((?:SQL|PL\/\w+) function (?:"[^"]+"|[^\s(]+(?:\([^)]*\))?))/;
