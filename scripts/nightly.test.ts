import { execa } from 'execa';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { makeBackup, nightBefore } from '../fixtures/testing/backups.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { listLeft, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { withNightLock } from '../src/commands/nightly/with-lock.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import { rehearsedIn } from '../src/evidence/night.ts';
import { evidenceSchema, type Evidence } from '../src/evidence/schema.ts';
import { findLocalPrograms } from '../src/engine/local-programs.ts';
import { databaseUrl, type Connection } from '../src/postgres/connection.ts';
import { readEnvironment } from '../src/system/environment.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A profile whose backups, copies off-host and reports are beside it; without a source. */
async function makeSite(copies = 'copies') {
  const elsewhere = await makeWorkspace({ 'rclone.conf': '[there]\ntype = local\n' });
  await mkdir(join(elsewhere, 't'));
  const backups = {
    directory: 'backups',
    keepDaily: 1,
    pruneAfter: '1d',
    offsite: `there:${join(elsewhere, copies)}`,
    rcloneConfig: join(elsewhere, 'rclone.conf'),
  };
  const profile = await makeProfile({ name: 'shop', database: { name: 'shop', owner: 'shop' }, backups });
  const directory = dirname(profile);
  return { profile, directory, reports: join(directory, 'reports'), temporary: join(elsewhere, 't') };
}

async function readNight(reports: string): Promise<Evidence> {
  const name = (await readdir(reports)).find((each) => each.endsWith('-nightly')) ?? '';
  return readEvidenceIn(reports, name);
}

async function readEvidenceIn(reports: string, name: string): Promise<Evidence> {
  return evidenceSchema.parse(JSON.parse(await readFile(join(reports, name, 'evidence.json'), 'utf8')));
}

/** Takes a connection, and says nothing. */
async function listenSilently(): Promise<{ port: number; connected: Promise<unknown> }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const sockets: Socket[] = [];
  listener.on('connection', (socket: Socket) => sockets.push(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return { port: (listener.address() as AddressInfo).port, connected: once(listener, 'connection') };
}

/** PostgreSQL's programs without a server. */
async function clientsAlone(): Promise<string> {
  const [programs] = await findLocalPrograms(null, readEnvironment().path);
  const directory = await makeWorkspace();
  for (const name of ['pg_dump', 'pg_restore', 'psql'])
    await symlink(join(programs?.directory ?? '', name), join(directory, name));
  return directory;
}

const stagesOf = ({ checks }: Evidence) => checks.map(({ id, status }) => `${id} ${status}`);
const dumps = async (directory: string) => (await readdir(directory)).filter((name) => name.endsWith('.dump'));

/** Runs lines of a shell where `restore-rehearsal` is our command. */
async function runShell(script: string, cwd: string, env: Record<string, string>) {
  const bin = await makeWorkspace();
  const command = join(bin, 'restore-rehearsal');
  await writeFile(command, `#!/bin/sh\nexec node '${join(root, 'scripts/start.mjs')}' "$@"\n`);
  await chmod(command, 0o755);
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  // cron has no other shell, and GitLab's stops at the first line that fails.
  return execa('sh', ['-ec', script], {
    cwd,
    env: { ...env, PATH: path, GITHUB_ACTIONS: 'false' },
    reject: false,
    all: true,
  });
}

describeEngine('local', 'npm run nightly', (engine) => {
  const server = useServer(engine);
  let shop: Connection;

  beforeAll(async () => {
    shop = { ...(await createTestDatabase(server(), 'shop')), ...(await server().openPort()) };
    await withClient(shop, (client) =>
      client.query('create table bookings as select i as id from generate_series(1, 1000) as i'),
    );
  });

  const source = () => ({ REHEARSAL_URL: databaseUrl(shop) });

  test('the line for cron does all of it, says nothing of a good night, and leaves nothing behind', async () => {
    const { directory, reports, temporary } = await makeSite();
    await makeBackup(join(directory, 'backups'), nightBefore(3));
    const crontab = await readFile(join(root, 'docs/nightly/crontab'), 'utf8');
    const line = crontab.split('\n').find((each) => each.includes('nightly')) ?? '';
    const command = line.replace(/^(\S+ ){5}/, '').replace('/srv/shop', directory);
    const { exitCode, all } = await runShell(command, '/', {
      ...{ ...source(), TMPDIR: temporary, REHEARSAL_CONFIG: 'profile.mjs' },
    });
    expect(all).toBe('');
    expect(exitCode).toBe(0);
    const night = await readNight(reports);
    expect(stagesOf(night)).toEqual([
      'backup-taken passed',
      'off-host-copy passed',
      'restore-rehearsed passed',
      'retention-applied passed',
    ]);
    expect(night.verdict).toBe('verified');
    // The old one was copied off-host first, and went after the rehearsal.
    expect(night.steps.map(({ facts }) => facts['copied'] ?? facts['deleted'] ?? null)).toEqual([null, 2, null, 1]);
    expect(await dumps(join(directory, 'backups'))).toEqual([night.subject?.file]);
    expect(await listLeft(temporary)).toEqual([]);
    expect((await readdir(reports)).filter((name) => name.endsWith('.lock'))).toEqual([]);
    const verified = await startCommand('evidence verify', [reports]);
    expect(verified.all).toMatch(/2 runs, 2 unsigned: all as they were/);
  });

  test('GitLab’s lines tell the whole story of a bad night, in which what can go on does, and nothing is deleted', async () => {
    const { directory, reports, temporary } = await makeSite();
    await makeBackup(join(directory, 'backups'), nightBefore(3));
    const [old = ''] = await dumps(join(directory, 'backups'));
    const text = await readFile(join(root, 'docs/nightly/gitlab-ci.yml'), 'utf8');
    const job = parse(text) as Record<string, { image: { entrypoint: string[] }; script: string[] }>;
    // Otherwise its shell is taken for a command of ours.
    expect(job['restore-rehearsal']?.image.entrypoint).toEqual(['']);
    const { exitCode, all } = await runShell(job['restore-rehearsal']?.script.join('\n') ?? '', directory, {
      ...{ REHEARSAL_CONFIG: 'profile.mjs', TMPDIR: temporary, REHEARSAL_QUIET: 'true' },
      ...{ ...source(), REHEARSAL_PG_BINDIR: await clientsAlone() },
    });
    expect(exitCode, all).toBe(2);
    expect(all).toMatch(/✔ Take a backup[^]*✔ Copy backups off-host[^]*✖ Rehearse a restore +NOT_REHEARSED/);
    expect(all).toMatch(/- Delete old backups +not done: nothing is deleted before/);
    expect(all).not.toContain(shop.password);
    const night = await readNight(reports);
    expect(stagesOf(night)).toEqual([
      'backup-taken passed',
      'off-host-copy passed',
      'restore-rehearsed not-run',
      'retention-applied not-run',
    ]);
    expect((await dumps(join(directory, 'backups'))).toSorted()).toEqual([old, night.subject?.file]);
    const latest: unknown = JSON.parse(await readFile(join(reports, 'latest.json'), 'utf8'));
    expect(latest).toMatchObject({
      verdict: 'could-not-run',
      rehearsals: [{ rehearsal: 'latest-backup' }, { rehearsal: 'nightly' }],
    });
    expect(await readFile(join(reports, 'junit.xml'), 'utf8')).toContain('latest-backup');
  });

  test('a night without a copy off-host rehearses the backup here, deletes nothing, and is red', async () => {
    // Below a file there is no directory.
    const { profile, directory, reports } = await makeSite('rclone.conf/copies');
    await makeBackup(join(directory, 'backups'), nightBefore(3));
    const args = ['--config', profile, '--engine', 'local', '--quiet'];
    const { exitCode, all } = await startCommand('nightly', args, source());
    expect(exitCode, all).toBe(2);
    expect(all).toMatch(/✔ Take a backup[^]*✖ Copy backups off-host +OFFSITE_\w+: [^]*✔ Rehearse a restore/);
    const night = await readNight(reports);
    expect(stagesOf(night).slice(0, 3)).toEqual([
      'backup-taken passed',
      'off-host-copy not-run',
      'restore-rehearsed passed',
    ]);
    expect(night.verdict).toBe('could-not-run');
    expect(await dumps(join(directory, 'backups'))).toHaveLength(2);
  });

  test('--from-offsite rehearses the copy of the backup that this night has taken', async () => {
    const { profile, reports } = await makeSite();
    const args = ['--config', profile, '--engine', 'local', '--quiet', '--from-offsite'];
    const { exitCode, all } = await startCommand('nightly', args, source());
    expect(all).toBe('');
    expect(exitCode).toBe(0);
    const night = await readNight(reports);
    const [first] = rehearsedIn(night);
    const rehearsed = await readEvidenceIn(reports, first?.directory ?? '');
    expect(rehearsed.subject?.file).toBe(night.subject?.file);
    expect(rehearsed.steps[0]?.facts['from']).toMatch(/^there:/);
  });

  test('a second one at the same time is told who is at it, and does nothing', async () => {
    const { profile, directory, reports } = await makeSite();
    await mkdir(reports);
    const { profile: loaded } = await loadProfile(profile);
    const { exitCode, all } = await withNightLock(reports, loaded, () =>
      startCommand('nightly', ['--config', profile, '--quiet'], source()),
    );
    expect(all).toMatch(new RegExp(`A nightly of shop is at work already: process ${process.pid} on .*, since 20`));
    expect(exitCode).toBe(2);
    expect(await readdir(directory)).not.toContain('backups');
  });

  test('a signal ends the stage that is at work, and those after it are not begun', async () => {
    const { profile, reports, temporary } = await makeSite();
    const silent = await listenSilently();
    const child = startCommand('nightly', ['--config', profile, '--engine', 'local'], {
      REHEARSAL_URL: `postgres://shop:secret@127.0.0.1:${silent.port}/shop`,
      TMPDIR: temporary,
    });
    await silent.connected;
    process.kill(child.pid ?? 0, 'SIGTERM');
    const { exitCode, all } = await child;
    expect(exitCode, all).toBe(2);
    expect(all).toMatch(/✖ Take a backup +INTERRUPTED/);
    const night = await readNight(reports);
    expect(night.steps.map(({ status, error }) => error?.code ?? status)).toEqual([
      'INTERRUPTED',
      'skipped',
      'skipped',
      'skipped',
    ]);
    expect(await listLeft(temporary)).toEqual([]);
  });
});

test('help says the stages, and what the exit status means', async () => {
  const { all, exitCode } = await startCommand('nightly', ['--help']);
  for (const flag of ['--quiet', '--from-offsite', '--url', '--engine']) expect(all).toContain(flag);
  expect(all).toMatch(/1 outweighs 2/);
  expect(exitCode).toBe(0);
});
