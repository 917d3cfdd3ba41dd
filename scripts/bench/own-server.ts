import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../src/system/environment.ts';
import { unprivilegedAccount } from '../../src/system/account.ts';
import { runbook, runShell } from './by-hand.ts';

/** The runbook's commands with a server of their own, as somebody without the harness would start one. */
export async function runWithOwnServer(sql: string): Promise<void> {
  const account = await unprivilegedAccount(readEnvironment().path);
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    await chmod(directory, 0o755);
    if (account !== null) await chown(directory, account.uid, account.gid);
    await writeFile(join(directory, 'seed.sql'), sql);
    // PostgreSQL refuses to run as root.
    const as = account === null ? '' : `setpriv --reuid=${account.uid} --regid=${account.gid} --clear-groups `;
    const settings = `-c listen_addresses= -c unix_socket_directories='${directory}'`;
    const script = `cd '${directory}'
${as}initdb -D data -U haircuttgbot -A trust > /dev/null
${as}pg_ctl -D data -w -o "${settings}" -l log start > /dev/null
trap '${as}pg_ctl -D data -w -m immediate stop > /dev/null' EXIT
createdb haircuttgbot
psql -X -q -v ON_ERROR_STOP=1 -d haircuttgbot -f seed.sql
${runbook('haircuttgbot', join(directory, 'by-hand.dump'), 'bookings')}`;
    await runShell(script, { PGHOST: directory, PGUSER: 'haircuttgbot' });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
