import { execa } from 'execa';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { mountSmallDisk, noSmallDisk } from '../../fixtures/testing/small-disk.ts';
import { cutAfter } from '../../fixtures/testing/wires.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { databaseUrl, type Connection } from '../postgres/connection.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import { takeSnapshot } from '../snapshot/take.ts';
import { examineFiles } from './examine.ts';
import { listBackups } from './inventory.ts';
import { readManifest } from './manifest.ts';
import { takeBackup, type BackupOptions } from './take-backup.ts';
import type { BackupProgress } from './backup-progress.ts';

const limits = { timeoutMs: 60_000 };

describeEngine('local', 'a backup', (engine) => {
  const server = useServer(engine);

  async function makeSource(): Promise<{ source: SourceServer; owner: Connection; directory: string }> {
    const owner = { ...(await createTestDatabase(server())), ...(await server().openPort()) };
    await withClient(owner, (client) =>
      client.query(`
        create table bookings (id serial primary key, note text);
        insert into bookings (note) select repeat(md5(i::text), 20) from generate_series(1, 2000) as i;
        select lo_from_bytea(0, 'large')`),
    );
    const workspace = await makeWorkspace();
    const source = await openUrl(databaseUrl(owner), readEnvironment(), workspace);
    return { source, owner, directory: join(workspace, 'backups', 'local') };
  }

  const take = (source: SourceServer, directory: string, changes: Partial<BackupOptions> = {}) =>
    takeBackup(source, {
      directory,
      ownership: 'runbook',
      format: 'custom',
      compression: undefined,
      limits,
      ...changes,
    });

  test.for([
    ['custom', undefined],
    ['custom', '0'],
    ['directory', undefined],
    ['directory', '1'],
  ] as const)(
    'in the format %s with the compression %s holds all that proves it, and is private',
    async ([format, compression]) => {
      const { source, owner, directory } = await makeSource();
      const { set, manifest } = await take(source, directory, { format, compression });

      expect(await examineFiles(set, await makeWorkspace())).toMatchObject({
        findings: [],
        sha256: manifest.sha256,
        sizeBytes: manifest.bytes,
      });
      expect(await readManifest(set.manifest)).toEqual(manifest);
      expect(manifest).toMatchObject({
        database: owner.database,
        format,
        globals: null,
        serverVersion: server().serverVersion,
        paceSettings: { fsync: 'off', wal_level: 'minimal', max_wal_size: '8GB' },
      });
      expect(manifest.snapshot).toEqual(
        await takeSnapshot(owner, { ...limits, runner: server(), ownership: 'runbook' }),
      );
      expect(Date.now() - Date.parse(manifest.takenAt)).toBeLessThan(60_000);
      const cwd = dirname(set.checksum);
      expect(await execa('sha256sum', ['--check', '--strict', set.checksum], { cwd })).toMatchObject({ exitCode: 0 });
      expect(await modes(directory)).toEqual(new Set(['directory 700', 'file 600']));
      const [stored, ...others] = await listBackups(directory, owner.database);
      expect(others).toEqual([]);
      expect([...(stored?.parts ?? [])].toSorted()).toEqual(['checksum', 'dump', 'manifest']);
    },
  );

  test('keeps the roles where ownership is preserved', async () => {
    const { source, directory } = await makeSource();
    const { set, manifest } = await take(source, directory, { ownership: 'preserve' });
    expect(await readFile(set.globals, 'utf8')).toMatch(/^CREATE ROLE /m);
    expect(manifest.globals?.bytes).toBe((await stat(set.globals)).size);
    expect(await readFile(set.globals, 'utf8')).not.toContain('PASSWORD');
  });

  test('does not collide with others of the same second', async () => {
    const { source, owner, directory } = await makeSource();
    const taken = await Promise.all([1, 2, 3].map(() => take(source, directory)));
    expect(new Set(taken.map(({ set }) => set.dump)).size).toBe(3);
    for (const { set } of taken) expect((await examineFiles(set, await makeWorkspace())).findings).toEqual([]);
    expect(await listBackups(directory, owner.database)).toHaveLength(3);
    expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('replaces nothing that has its name already', async () => {
    const { source, owner, directory } = await makeSource();
    await mkdir(directory, { recursive: true });
    const names = Array.from({ length: 3 }, (_, seconds) => {
      const stamp = new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+|[-:]/g, '');
      return `${owner.database.replace(/ /g, '_')}_${stamp}.sha256`;
    });
    for (const name of names) await writeFile(join(directory, name), 'of somebody else');
    await take(source, directory);
    for (const name of names) expect(await readFile(join(directory, name), 'utf8')).toBe('of somebody else');
  });

  test('reports how far it has come: by size and table, whatever the format', async () => {
    const { source, directory } = await makeSource();
    for (const format of ['custom', 'directory'] as const) {
      const reports: BackupProgress[] = [];
      const { manifest } = await take(source, directory, { format, report: (progress) => reports.push(progress) });
      expect(reports.map(({ table }) => table)).toContain('public.bookings');
      expect(reports.at(-1)).toMatchObject({ sizeBytes: manifest.bytes, isDumped: true });
      const sizes = reports.map(({ sizeBytes }) => sizeBytes);
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    }
  });

  test('keeps the settings of the database, and the versions of server and tool', async () => {
    const { source, owner, directory } = await makeSource();
    await withClient(owner, (client) =>
      client.query(`alter database ${pg.escapeIdentifier(owner.database)} set work_mem = '7MB'`),
    );
    const { manifest } = await take(source, directory);
    expect(Object.values(manifest.snapshot.state.DATABASE_SETTING ?? {}).join()).toContain('7MB');
    expect(manifest).toMatchObject({ serverVersion: server().serverVersion, dumpVersion: source.dumpVersion });
  });

  describe('that cannot be taken leaves nothing, and says why', () => {
    test('when the network goes away in the middle of a table', async () => {
      const { owner, directory } = await makeSource();
      const { host, port } = await server().openPort();
      const wire = await cutAfter({ host, port }, 200_000);
      const source = await openUrl(databaseUrl({ ...owner, ...wire }), readEnvironment(), '/');
      await expect(take(source, directory)).rejects.toMatchObject({
        code: 'CONNECTION_LOST',
        message: expect.stringMatching(/see whether .* runs, and start again/i) as string,
      });
      expect(await readdir(directory)).toEqual([]);
    });

    test('when an administrator ends its sessions', async () => {
      const { source, owner, directory } = await makeSource();
      await withClient(owner, async (client) => {
        await client.query('begin; create table late (id int); commit; begin; lock table late');
        const taking = expect(take(source, directory)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
        await withClient(server().admin, async (admin) => {
          // pg_dump twice, for rows and for definitions, and the digest.
          while ((await admin.query(waiting, [owner.database])).rowCount !== 3) continue;
          await admin.query(`select pg_terminate_backend(pid) from (${waiting}) as waiting`, [owner.database]);
        });
        await taking;
      });
      expect(await readdir(directory)).toEqual([]);
    });

    test('when it is interrupted', async () => {
      const { source, directory } = await makeSource();
      const controller = new AbortController();
      const taking = take(source, directory, {
        limits: { ...limits, signal: controller.signal },
        report: () => {
          controller.abort();
        },
      });
      await expect(taking).rejects.toMatchObject({
        code: 'INTERRUPTED',
        message: expect.stringMatching(/^The backup was interrupted/) as string,
      });
      expect(await readdir(directory)).toEqual([]);
    });

    test.for([
      [
        'a table',
        'create table secrets (id int)',
        'SOURCE_NOT_READABLE',
        'permission denied for table secrets.*as the owner',
      ],
      [
        'a sequence',
        'create sequence secrets',
        'SOURCE_NOT_READABLE',
        'permission denied for sequence secrets.*as the owner',
      ],
      [
        'a large object',
        "select lo_from_bytea(0, 'x')",
        'SOURCE_NOT_READABLE',
        'permission denied for large object.*as the owner',
      ],
      ['a row', policy, 'ROW_SECURITY', 'row-level security policy for table.*BYPASSRLS'],
    ] as const)('when %s may not be read', async ([, sql, code, reason]) => {
      const { source, owner, directory } = await makeSource();
      await withClient({ ...server().admin, database: owner.database }, (client) => client.query(sql));
      await expect(take(source, directory)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(new RegExp(reason, 's')) as string,
      });
      expect(await readdir(directory)).toEqual([]);
    });

    test.for([
      ['pg_dump reads', 'notes'],
      ['is read before pg_dump starts, for its sequence', 'bookings'],
    ] as const)('when a table is locked that %s', async ([, table]) => {
      const { source, owner, directory } = await makeSource();
      await withClient(owner, async (client) => {
        await client.query(`begin; create table notes (id int); commit; begin; lock table ${table}`);
        await expect(take(source, directory, { limits: { ...limits, lockTimeoutMs: 300 } })).rejects.toMatchObject({
          code: 'SOURCE_LOCKED',
          message: expect.stringMatching(/start again later/i) as string,
        });
      });
      expect(await readdir(directory)).toEqual([]);
    });

    test('when the role may not have as many connections as it takes', async () => {
      const { source, owner, directory } = await makeSource();
      await withClient(server().admin, (client) =>
        client.query(`alter role ${pg.escapeIdentifier(owner.user)} connection limit 2`),
      );
      await expect(take(source, directory)).rejects.toMatchObject({
        code: 'LOGIN_REFUSED',
        message: expect.stringContaining('Three connections are needed') as string,
      });
      expect(await readdir(directory)).toEqual([]);
      await withClient(server().admin, (client) =>
        client.query(`alter role ${pg.escapeIdentifier(owner.user)} connection limit 0`),
      );
      await expect(openUrl(databaseUrl(owner), readEnvironment(), '/')).rejects.toMatchObject({
        code: 'LOGIN_REFUSED',
        message: expect.stringContaining('See the connection limits') as string,
      });
    });

    test('when pg_dump does not know the compression', async () => {
      const { source, directory } = await makeSource();
      await expect(take(source, directory, { compression: 'gzip:unknown=1' })).rejects.toMatchObject({
        code: 'PROFILE_INVALID',
        message: expect.stringContaining('backups.compression') as string,
      });
      expect(await readdir(directory)).toEqual([]);
    });

    describe.skipIf(noSmallDisk !== null)(`when the disk is full ${noSmallDisk ?? ''}`, () => {
      test.for(['custom', 'directory'] as const)('in the format %s', async (format) => {
        const { source, directory } = await makeSource();
        await mountSmallDisk(directory);
        await expect(take(source, directory, { format, compression: '0' })).rejects.toMatchObject({
          code: 'DISK_FULL',
          message: expect.stringContaining(`no space left for the backup in ${directory}`) as string,
        });
        expect(await readdir(directory)).toEqual([]);
      });
    });

    test.for(['a file', 'below a file', 'in a place where nothing can be made'])(
      'when the directory is %s',
      async (kind) => {
        const { source, directory } = await makeSource();
        await mkdir(dirname(directory));
        await writeFile(directory, '');
        const place = { 'a file': directory, 'below a file': join(directory, 'local') }[kind] ?? '/proc/backups';
        await expect(take(source, place)).rejects.toMatchObject({
          code: 'BACKUP_NOT_WRITTEN',
          message: expect.stringContaining('--dir') as string,
        });
      },
    );

    test.skipIf(process.getuid?.() === 0)('when the directory may not be written', async () => {
      const { source, directory } = await makeSource();
      await mkdir(directory, { recursive: true });
      await chmod(directory, 0o500);
      await expect(take(source, directory)).rejects.toMatchObject({ code: 'BACKUP_NOT_WRITTEN' });
    });
  });
});

const policy = `
  set role pg_database_owner;
  create table hidden (id int);
  alter table hidden enable row level security;
  alter table hidden force row level security`;

/** Sessions of a database that wait for a lock. */
const waiting = "select pid from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";

async function modes(directory: string): Promise<Set<string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = new Set([`directory ${((await stat(directory)).mode & 0o777).toString(8)}`]);
  for (const entry of entries) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    found.add(`${entry.isDirectory() ? 'directory' : 'file'} ${(mode & 0o777).toString(8)}`);
  }
  return found;
}
