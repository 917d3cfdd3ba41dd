import { readFile } from 'node:fs/promises';
import { findForeignLine } from '../postgres/globals.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Drill } from './drill.ts';

/**
 * The dump of roles that --globals names, without what a drill has no use for; null where the flag is not given.
 * @throws OperationalError BAD_USAGE
 */
export async function readNamedGlobals({ choices, profile }: Drill): Promise<string | null> {
  const { globals: file } = choices;
  if (file === null || file === undefined) return null;
  if (profile.ownership === 'runbook') {
    const message = `--globals brings roles, and owners and privileges are not restored: the profile has ownership: 'runbook'. Set ownership: 'preserve' in the profile, or leave --globals out.`;
    throw new OperationalError('BAD_USAGE', message);
  }
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationalError('BAD_USAGE', `The file behind --globals cannot be read: ${reason}.`);
  });
  const roles = withoutPasswordsAndTablespaces(text);
  const foreign = findForeignLine(roles);
  if (foreign === null) return roles;
  const message = `Line ${foreign} of ${file} is none that pg_dumpall --globals-only writes about roles. A superuser would run it, so nothing of the file was run. Write it again: pg_dumpall --globals-only --no-role-passwords > ${file}`;
  throw new OperationalError('BAD_USAGE', message);
}

/**
 * Dumped globals without passwords, which nobody needs here and which would be secrets, and without tablespaces, which are directories
 * of another machine. Lines keep their numbers. Pure.
 */
export function withoutPasswordsAndTablespaces(globals: string): string {
  return globals
    .split(/\r?\n/)
    .map((line) => (ofTablespace.test(line) ? '' : line.replace(password, '')))
    .join('\n');
}

const ofTablespace =
  /^(?:CREATE|ALTER|COMMENT ON) TABLESPACE |^(?:GRANT|REVOKE) [A-Z ,]+ ON TABLESPACE |^SECURITY LABEL .* ON TABLESPACE /;
/** pg_dumpall writes a hash, which holds no quotes. */
const password = /(?<=^ALTER ROLE .* WITH [A-Z -]+(?:CONNECTION LIMIT -?\d+)?) PASSWORD '[^']*'(?= VALID UNTIL |;$)/;
