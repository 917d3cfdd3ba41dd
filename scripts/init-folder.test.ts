import { execa } from 'execa';
import { link, mkdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, inject, test, describe } from 'vitest';
import { startIn } from '../fixtures/testing/run-rehearse.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { backupStamp } from '../src/backup/backup-name.ts';

describe.skipIf(inject('skipped').local !== null)('init for the folder of a backup container', () => {
  const live = useServer('local');

  test('rehearses the newest every night, takes none itself, and is red for what is damaged', async () => {
    const owner = { ...(await createTestDatabase(live(), 'shop')), ...(await live().openPort()) };
    await withClient(owner, (client) =>
      client.query('create table orders (id int primary key); insert into orders select generate_series(1, 1000)'),
    );
    const directory = await makeWorkspace({ 'tmp/.keep': '', 'project/.keep': '' });
    const folder = join(directory, 'b');
    const newest = `last/shop-${stampOf(60)}.sql.gz`;
    await dumpAs(owner, folder, newest);
    const [day, week] = [`daily/shop-${stampOf(60).slice(0, 8)}.sql.gz`, `weekly/shop-202607.sql.gz`];
    for (const other of [day, week]) {
      await mkdir(dirname(join(folder, other)), { recursive: true });
      await link(join(folder, newest), join(folder, other));
    }
    await symlink(newest.slice('last/'.length), join(folder, 'last/shop-latest.sql.gz'));
    const env = { TMPDIR: join(directory, 'tmp'), REHEARSAL_ENGINE: 'local' };
    const run = (command: string, ...args: string[]) => startIn(join(directory, 'project'), command, args, env);

    const init = await run('init', '--yes', '--backups', '../b');
    expect(init.exitCode, init.all).toBe(0);
    expect(init.all).toContain(`shop, owner ${owner.user}`);
    expect(init.all).toMatch(/✔ backups +the newest in [^]*verdict {3}verified/);
    const profile = await readFile(join(directory, 'project/rehearsal.config.ts'), 'utf8');
    expect(profile).toContain("pattern: '**/*.sql.gz'");
    expect(profile).toContain('prodrigestivill/postgres-backup-local takes them');

    const { size } = await stat(join(folder, newest));
    await truncate(join(folder, newest), size - 100);
    const cut = await run('nightly', '--quiet');
    expect(cut.exitCode, cut.all).toBe(1);
    expect(cut.all).toContain('ARCHIVE_TRUNCATED');
    expect(cut.all).toContain(newest.slice('last/'.length));

    const empty = `last/shop-${stampOf(30)}.sql.gz`;
    await writeFile(join(folder, empty), '');
    const emptied = await run('nightly', '--quiet');
    expect(emptied.exitCode, emptied.all).toBe(1);
    expect(emptied.all).toContain(`The dump ${empty.slice('last/'.length)} is empty.`);
  }, 300_000);
});

/** `20260209-030000`, some minutes ago. */
function stampOf(minutesAgo: number): string {
  return backupStamp(new Date(Date.now() - minutesAgo * 60_000))
    .replace('T', '-')
    .replace('Z', '');
}

async function dumpAs(
  { host, port, user, password, database }: Awaited<ReturnType<typeof createTestDatabase>>,
  folder: string,
  name: string,
): Promise<void> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  const login = ['--host', host, '--port', String(port), '--username', user, '--dbname', database];
  await execa('pg_dump', [...login, '--compress', '6', '--file', file], { env: { PGPASSWORD: password } });
}
