import { execa } from 'execa';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { makeBackup, nightBefore } from '../fixtures/testing/backups.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { databaseUrl } from '../src/postgres/connection.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The commands of ours that an output names, to the end of their lines. */
function commandsIn(output: string): string[] {
  return [...output.matchAll(/npm run (?:backup|offsite|prune|rehearse|restore|doctor)\b[^\n]*/g)].map(
    ([text]) => text,
  );
}

/** Runs a command as it stands, as a person who pastes it. */
function paste(command = '', env: Record<string, string> = {}) {
  return execa('bash', ['-c', command], { cwd: root, reject: false, all: true, env: { FORCE_COLOR: '0', ...env } });
}

describe.skipIf(inject('skipped').local !== null)('every suggested command works as it stands', () => {
  const live = useServer('local');

  /** A person's profile, in a directory whose name a shell would take apart, with a live database. */
  async function makePerson() {
    const owner = { ...(await createTestDatabase(live())), ...(await live().openPort()) };
    await withClient(owner, (client) => client.query('create table theirs (id int); insert into theirs values (1)'));
    const { password, ...rest } = owner;
    const url = databaseUrl({ ...rest, password: '' }).replace(':@', '@');
    const database = { name: owner.database, owner: owner.user, url };
    const made = await makeProfile({ database, backups: { directory: 'their backups', offsite: 'far:x' } });
    const directory = join(dirname(made), "it's $HOME");
    await mkdir(directory);
    const profile = join(directory, 'their profile.mjs');
    await rename(made, profile);
    await rename(join(dirname(made), 'schema.sql'), join(directory, 'schema.sql'));
    const env = { PGPASSWORD: password, REHEARSAL_ENGINE: 'local', TMPDIR: dirname(made) };
    return { profile, directory, env, database: owner.database };
  }

  test('npm run backup: rehearses what was backed up, with its profile', async () => {
    const { profile, env, directory } = await makePerson();
    const taken = await startCommand('backup', ['--config', profile], env);
    const [command, ...others] = commandsIn(taken.all);
    expect([taken.exitCode, others]).toEqual([0, []]);
    const { all, exitCode } = await paste(command, env);
    expect(all).toMatch(/restore-rehearsal of elsewhere[\s\S]* theirs +1 +1[\s\S]*verified/);
    expect(exitCode).toBe(0);
    expect(await readdir(join(directory, 'reports'))).toContain('latest.json');
  });

  test.for(['offsite', 'prune', 'rehearse'])('npm run %s: where there is no backup, takes one', async (script) => {
    const { profile, env, directory } = await makePerson();
    const elsewhere = join(directory, 'an other');
    await mkdir(join(directory, 'their backups'));
    const own = script === 'rehearse' ? ['latest-backup'] : ['--dir', elsewhere];
    const first = await startCommand(script, [...own, '--config', profile], {
      ...env,
      RCLONE_CONFIG_FAR_TYPE: 'memory',
    });
    const [command] = commandsIn(first.all);
    expect(command).toContain('npm run backup');
    expect(await paste(command, env)).toMatchObject({ exitCode: 0 });
    const explanation = /npm run explain -- \S+/.exec(first.all)?.[0];
    if (explanation !== undefined) expect(await paste(explanation, env)).toMatchObject({ exitCode: 0 });
    const where = script === 'rehearse' ? join(directory, 'their backups') : elsewhere;
    expect((await readdir(where)).filter((name) => name.endsWith('.dump'))).toHaveLength(1);
  });

  test('npm run prune: copies what has no copy', async () => {
    const { profile, env, directory, database } = await makePerson();
    for (let days = 0; days < 10; days += 1) {
      await makeBackup(join(directory, 'their backups'), nightBefore(days), { database });
    }
    const far = join(directory, 'far');
    const remote = { RCLONE_CONFIG_FAR_TYPE: 'alias', RCLONE_CONFIG_FAR_REMOTE: far };
    const pruned = await startCommand('prune', ['--config', profile], { ...env, ...remote });
    const [command] = commandsIn(pruned.all);
    expect(command).toContain('npm run offsite');
    expect(await paste(command, { ...env, ...remote })).toMatchObject({ exitCode: 0 });
    expect((await readdir(join(far, 'x'))).filter((name) => name.endsWith('.dump'))).toHaveLength(10);
    await rm(far, { recursive: true });
    const lost = await startCommand('prune', ['--config', profile], { ...env, ...remote });
    expect(lost.exitCode).toBe(2);
    expect(new Set(commandsIn(lost.all))).toEqual(new Set([command]));
  });
});
