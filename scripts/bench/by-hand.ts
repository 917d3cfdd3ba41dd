import { join } from 'node:path';
import { choosePrograms, findLocalPrograms, type LocalPrograms } from '../../src/engine/local-programs.ts';
import type { Connection } from '../../src/postgres/connection.ts';
import { readEnvironment } from '../../src/system/environment.ts';
import { runProgram } from '../../src/system/run-program.ts';

const counts =
  'SELECT count(*) AS users_count FROM users; SELECT count(*) AS masters_count FROM masters; SELECT count(*) AS bookings_count FROM bookings; SELECT count(*) AS blocks_count FROM availability_blocks;';

/** What a database of bookings is counted by; of any other, nothing is. */
export type Counted = 'bookings' | 'nothing';

/**
 * The runbook's own commands for "Restore rehearsal (clean state)", without `docker compose exec`, as a shell runs them.
 * @param dump file
 */
export function runbook(database: string, dump: string, counted: Counted): string {
  const count = counted === 'bookings' ? `psql -X -d ${database} -c "${counts}" > /dev/null` : ':';
  return `set -e
${count}
pg_dump -d ${database} -Fc > '${dump}'
psql -X -q -d postgres -c "DROP DATABASE IF EXISTS ${database} WITH (FORCE);"
psql -X -q -d postgres -c "CREATE DATABASE ${database};"
cat '${dump}' | pg_restore -d ${database} --clean --if-exists --no-owner --no-privileges
${count}
rm '${dump}'`;
}

/** Runs a script with bash, with PostgreSQL's programs first on the path. @throws Error with what it said, unless its status is 0 */
export async function runShell(script: string, env: Record<string, string> = {}): Promise<void> {
  const { path } = readEnvironment();
  const { directory } = await findPrograms();
  const { exitCode, stderr } = await runProgram({
    file: 'bash',
    args: ['-c', script],
    env: { PATH: `${directory}:${path}`, ...env },
    timeoutMs: 4 * 3_600_000,
  });
  if (exitCode !== 0) throw new Error(`The commands by hand ended with status ${exitCode}: ${stderr.trim()}`);
}

/** For runShell: how PostgreSQL's programs find a server. */
export function connectionOf({ host, port, user, password }: Connection): Record<string, string> {
  return { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
}

/** Once: while A is clocked, nobody looks for programs. */
export function findPrograms(): Promise<LocalPrograms> {
  found ??= choose();
  return found;
}

let found: Promise<LocalPrograms> | undefined;

async function choose(): Promise<LocalPrograms> {
  const { postgresBinDirectory, path } = readEnvironment();
  const chosen = choosePrograms(await findLocalPrograms(postgresBinDirectory, path), null);
  if (chosen === undefined) throw new Error('The bench needs PostgreSQL’s programs on this machine.');
  return chosen;
}

export function dumpIn(directory: string): string {
  return join(directory, 'by-hand.dump');
}
