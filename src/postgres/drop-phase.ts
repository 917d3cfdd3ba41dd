import type { CommandResult } from '../system/run-program.ts';

/** What a tool printed, without what it said in the phase in which it drops objects. */
export interface WithoutDropPhase {
  stderr: string;
  /** How many errors of the drop phase were taken out. */
  dropErrors: number;
}

/**
 * Takes the errors out that pg_restore --clean meets while it drops what is not there. The database that is restored into is
 * empty: with --if-exists, most of what it drops is passed over, but not all has such a form.
 *
 * Context: an object that is missing before anything was created cannot be missed; still caught: a drop of something that is
 * there and fails, and every error of a statement that creates. Pure.
 */
export function withoutDropPhase(stderr: string): WithoutDropPhase {
  const messages = stderr.split(startOfMessage);
  const kept = messages.filter((message) => !isDropOfMissing(message));
  return { stderr: kept.join(''), dropErrors: messages.length - kept.length };
}

/** Whether a pg_restore that stops at its first error stopped at one that it only met for want of something to drop. Pure. */
export function stoppedWhileDropping({ exitCode, stderr }: CommandResult): boolean {
  return exitCode !== 0 && withoutDropPhase(stderr).dropErrors > 0;
}

const startOfMessage = /^(?=pg_restore: )/m;

function isDropOfMissing(message: string): boolean {
  const [, error, command] =
    /^pg_restore: error: could not execute query: ERROR: +(.*)[^]*?^Command was: ([^]*)/m.exec(message) ?? [];
  return error !== undefined && command !== undefined && isMissing(error) && isDrop(command);
}

/** Whether an error of the server says that something is not there. Pure. */
export function isMissing(error: string): boolean {
  return /\bdoes not exist\b/.test(error);
}

/**
 * Whether a statement is one of those that pg_dump writes to drop an object. What creates objects never starts so. A view that
 * others depend on in a circle is not dropped at first, but replaced by one of NULLs. Pure.
 */
export function isDrop(statement: string): boolean {
  return /^(?:DROP |ALTER (?:TABLE|DOMAIN) [^]* (?:DROP|DISABLE ROW LEVEL SECURITY)\b|SELECT pg_catalog\.lo_unlink\(|CREATE OR REPLACE VIEW [^]* AS\nSELECT\n {4}NULL::)/.test(
    statement,
  );
}
