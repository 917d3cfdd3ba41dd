import { execa } from 'execa';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../config/environment.ts';
import { databaseUrl, withClient, type Connection } from '../postgres/connection.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import { takeSnapshot } from '../snapshot/take.ts';
import { examineFiles } from './examine.ts';
import { listBackups } from './inventory.ts';
import { readManifest } from './manifest.ts';
import { takeBackup, type BackupOptions } from './take-backup.ts';

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

      expect(await examineFiles(set)).toMatchObject({
        problems: [],
        sha256: manifest.sha256,
        sizeBytes: manifest.bytes,
      });
      expect(await readManifest(set.manifest)).toEqual(manifest);
      expect(manifest).toMatchObject({
        database: owner.database,
        format,
        globals: null,
        serverVersion: server().serverVersion,
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
    for (const { set } of taken) expect((await examineFiles(set)).problems).toEqual([]);
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

  describe('that cannot be taken leaves nothing, and says why', () => {
    test('when the connection is cut', async () => {
      const { source, owner, directory } = await makeSource();
      const cut = () =>
        withClient(server().admin, (client) =>
          client.query(
            'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
            [owner.database],
          ),
        );
      const taking = take(source, directory, { report: () => void cut() });
      await expect(taking).rejects.toMatchObject({
        code: expect.stringMatching(/^(CONNECTION_LOST|SERVER_LOST)$/) as string,
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
      await expect(taking).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(await readdir(directory)).toEqual([]);
    });

    test('when a table may not be read', async () => {
      const { source, owner, directory } = await makeSource();
      await withClient({ ...server().admin, database: owner.database }, (client) =>
        client.query('create table secrets (id int)'),
      );
      await expect(take(source, directory)).rejects.toMatchObject({
        code: 'DUMP_FAILED',
        message: expect.stringMatching(/permission denied for table secrets.*as the owner/s) as string,
      });
      expect(await readdir(directory)).toEqual([]);
    });

    test('when a table is locked', async () => {
      const { source, owner, directory } = await makeSource();
      await withClient(owner, async (client) => {
        await client.query('begin; lock table bookings in access exclusive mode');
        await expect(take(source, directory, { limits: { timeoutMs: 1000 } })).rejects.toMatchObject({
          code: expect.stringMatching(/^(SOURCE_LOCKED|SOURCE_TIMED_OUT|TOOL_TIMED_OUT)$/) as string,
        });
      });
      expect(await readdir(directory)).toEqual([]);
    });

    test('when the directory is a file, or may not be written', async () => {
      const { source, directory } = await makeSource();
      await mkdir(dirname(directory));
      await writeFile(directory, '');
      await expect(take(source, directory)).rejects.toMatchObject({ code: 'BACKUP_NOT_WRITTEN' });
    });

    test.skipIf(process.getuid?.() === 0)('when the directory may not be written', async () => {
      const { source, directory } = await makeSource();
      await mkdir(directory, { recursive: true });
      await chmod(directory, 0o500);
      await expect(take(source, directory)).rejects.toMatchObject({ code: 'BACKUP_NOT_WRITTEN' });
    });
  });

  test('of a database that has another database’s rights has no odd ends', async () => {
    const { owner } = await makeSource();
    const refused = openUrl(databaseUrl({ ...owner, password: 'wrong canary' }), readEnvironment(), '/');
    await expect(refused).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    await expect(refused).rejects.toThrow(new RegExp(`^(?!.*canary).*${pg.escapeIdentifier(owner.user)}`, 's'));
  });
});

async function modes(directory: string): Promise<Set<string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = new Set([`directory ${((await stat(directory)).mode & 0o777).toString(8)}`]);
  for (const entry of entries) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    found.add(`${entry.isDirectory() ? 'directory' : 'file'} ${(mode & 0o777).toString(8)}`);
  }
  return found;
}
