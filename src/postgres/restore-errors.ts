import type { ErrorCode } from '../system/operational-error.ts';
import { kinds } from './restore-error-kinds.ts';
import { readRestoreErrors, type PrintedError } from './restore-log.ts';

/** An error of pg_restore by its kind. */
export interface RestoreError {
  /** Stable, like the rules of findings. */
  rule: string;
  /** What it is about: a role, an extension, the object that pg_restore was creating. */
  object: string;
  /** The message, as pg_restore printed it, and what it was about. */
  message: string;
  remedy: string;
  /** Where the server is to blame that is restored to, and not the backup: how a rehearsal that it ends is called. */
  ofServer: ErrorCode | null;
}

const unknown = {
  rule: 'RESTORE_FAILED',
  remedy: 'See what was being restored, and mend that at the source or in the profile; then start again.',
  ofServer: null,
};

/**
 * The errors in what pg_restore printed, in their order. Pure.
 * @param log standard error of pg_restore or psql, in English
 * @param encoding of the dump, where that is known
 */
export function classifyRestoreErrors(log: string, encoding: string | null = null): RestoreError[] {
  return readRestoreErrors(log).map((error) => invalidBytes(error, encoding) ?? classify(error));
}

function classify(error: PrintedError): RestoreError {
  for (const { rule, pattern, remedy, remedyInRows, ofServer = null } of kinds) {
    const match = pattern.exec(error.line);
    if (match === null) continue;
    const object = match.slice(1).find(Boolean);
    const next = error.column === null ? remedy : (remedyInRows ?? remedy);
    return { rule, object: nameObject(rule, object, error), message: describe(error), remedy: next, ofServer };
  }
  return { ...unknown, object: error.table ?? error.entry ?? 'archive', message: describe(error) };
}

/** Bytes that are invalid in the very encoding that the dump is in: no other database takes them. */
function invalidBytes(error: PrintedError, encoding: string | null): RestoreError | null {
  const { line, table, column, row } = error;
  const [, invalid] = /invalid byte sequence for encoding "([^"]+)"/.exec(line) ?? [];
  if (invalid === undefined || invalid !== encoding || table === null) return null;
  const where =
    row === null
      ? ''
      : ` The row is number ${row} in the order of the table: select ctid from only ${table} offset ${row - 1} limit 1.`;
  return {
    rule: 'INVALID_BYTES',
    object: column === null ? table : `${table}.${column}`,
    message: describe(error),
    remedy: `A text of the source holds bytes that ${invalid} does not have: mend it there, and dump again.${where}`,
    ofServer: null,
  };
}

/** A column says nothing without its table. */
function nameObject(rule: string, object: string | undefined, { table, entry }: PrintedError): string {
  if (rule === 'NOT_NULL_VIOLATED' && table !== null && object !== undefined) return `${table}.${object}`;
  return object ?? table ?? entry ?? 'archive';
}

/** The directory of an archive that is restored from a copy: nobody knows its name. */
const privateCopy = /"[^"]*\/[0-9a-f-]{36}\.(?:copy|input)\//g;

/** Never what stands in rows. */
function describe({ line: said, entry, where }: PrintedError): string {
  const line = said.replace(privateCopy, '"');
  const about = [entry === null ? [] : [`restoring ${entry}`], where === null ? [] : [`in ${where}`]].flat();
  return about.length === 0 ? line : `${line} (${about.join(', ')})`;
}
