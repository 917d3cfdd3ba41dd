import { execa } from 'execa';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../fixtures/testing/backups.ts';
import { describeOffsite, describeWithRclone } from '../../fixtures/testing/offsite-places.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { examineFiles } from './examine.ts';
import { fetchNewestBackup } from './fetch.ts';
import { copyOffsite } from './offsite.ts';
import { groupBackups, listOffsite } from './offsite-inventory.ts';
import { openRclone } from './rclone.ts';

describeOffsite('what is off-host', (makePlace) => {
  async function makeCopies() {
    const { config, at, pathOf } = await makePlace();
    const rclone = openRclone({
      destination: at('there'),
      config,
      environment: readEnvironment(),
      limits: { timeoutMs: 60_000 },
    });
    const workspace = await makeWorkspace();
    const directory = join(workspace, 'backups');
    const fetched = join(workspace, 'fetched');
    await mkdir(fetched);
    const older = await makeBackup(directory, nightBefore(1), { globals: 'create role shop;' });
    const newer = await makeBackup(directory, nightBefore(0), { dump: { 'toc.dat': 'contents', '1.dat': 'rows' } });
    await makeBackup(directory, nightBefore(0), { database: 'shop_2' });
    for (const database of ['shop', 'shop_2']) await copyOffsite({ directory, database, rclone });
    return { rclone, fetched, older, newer, there: (file: string) => pathOf(file.slice(directory.length + 1)) };
  }

  test('is listed by database, and the newest fetched and proven', async () => {
    const { rclone, fetched, newer } = await makeCopies();
    const backups = await listOffsite(rclone, 'shop');
    expect(backups.map(({ takenAt, files }) => [takenAt, files.size])).toEqual([
      [nightBefore(0), 4],
      [nightBefore(1), 4],
    ]);
    const progress: number[] = [];
    const { set, passedOver } = await fetchNewestBackup(rclone, 'shop', fetched, {
      report: ({ fetchedBytes, totalBytes }) => progress.push(fetchedBytes / totalBytes),
    });
    expect(passedOver).toEqual([]);
    expect(progress.at(-1)).toBe(1);
    expect(basename(set?.dump ?? '')).toBe(basename(newer.dump));
    expect((await examineFiles(set ?? newer, await makeWorkspace())).findings).toEqual([]);
    expect((await stat(set?.manifest ?? '')).mode & 0o777).toBe(0o600);
    expect((await stat(join(set?.dump ?? '', 'toc.dat'))).mode & 0o777).toBe(0o600);
  });

  test('is the newest of a time, where one is given', async () => {
    const { rclone, fetched, older } = await makeCopies();
    const { set, passedOver } = await fetchNewestBackup(rclone, 'shop', fetched, { before: nightBefore(1) });
    expect(passedOver).toEqual([]);
    expect(basename(set?.dump ?? '')).toBe(basename(older.dump));
    expect(await fetchNewestBackup(rclone, 'shop', fetched, { before: nightBefore(2) })).toEqual({
      set: null,
      passedOver: [],
    });
  });

  test('is passed over where it is damaged or half, with the reason, and nothing is left of it', async () => {
    const { rclone, fetched, older, newer, there } = await makeCopies();
    await writeFile(there(join(newer.dump, '1.dat')), 'ROWS');
    const { set, passedOver } = await fetchNewestBackup(rclone, 'shop', fetched);
    expect(passedOver).toEqual([
      {
        stem: basename(newer.dump, '.dump'),
        takenAt: nightBefore(0),
        reason: expect.stringMatching(/has the SHA-256/) as string,
        isDamaged: true,
      },
    ]);
    const roles = await readFile(set?.globals ?? '', 'utf8');
    expect(roles).toBe('create role shop;');
    expect(await readFile(set?.dump ?? '')).toEqual(await readFile(older.dump));
    expect((await readdir(fetched)).filter((name) => !name.startsWith(basename(older.dump, '.dump')))).toEqual([]);

    await rm(fetched, { recursive: true });
    await mkdir(fetched);
    await rm(there(older.manifest));
    await writeFile(there(join(newer.dump, '1.dat')), 'cut');
    const none = await fetchNewestBackup(rclone, 'shop', fetched);
    expect(none.set).toBeNull();
    expect(none.passedOver.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/the dump there has 11 bytes, its manifest says 12/),
      expect.stringMatching(/\.manifest\.json missing there/),
    ]);
    expect(none.passedOver.map(({ isDamaged }) => isDamaged)).toEqual([true, false]);
    expect(await readdir(fetched)).toEqual([]);
  });
});

describeWithRclone('what is off-host and encrypted', () => {
  /** Two backups, copied to a remote of the type crypt over a directory. */
  async function makeEncrypted() {
    const workspace = await makeWorkspace();
    const there = join(workspace, 'there');
    const config = join(workspace, 'rclone.conf');
    const configure = async (password: string) => {
      const { stdout } = await execa('rclone', ['obscure', password]);
      const crypt = ['type = crypt', `remote = ${there}`, `password = ${stdout}`, 'filename_encryption = off'];
      await writeFile(config, ['[far]', ...crypt].join('\n'));
    };
    await configure('secret');
    const limits = { timeoutMs: 60_000 };
    const rclone = openRclone({ destination: 'far:', config, environment: readEnvironment(), limits });
    const directory = join(workspace, 'backups');
    const older = await makeBackup(directory, nightBefore(1));
    const newer = await makeBackup(directory, nightBefore(0));
    await copyOffsite({ directory, database: 'shop', rclone });
    const fetched = join(workspace, 'fetched');
    await mkdir(fetched);
    const damage = async (file: string) => {
      const copy = join(there, `${basename(file)}.bin`);
      const bytes = await readFile(copy);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      await writeFile(copy, bytes);
    };
    return {
      rclone,
      configure,
      damage,
      older,
      newer,
      directory,
      fetch: () => fetchNewestBackup(rclone, 'shop', fetched),
    };
  }

  test.each(['dump', 'manifest'] as const)(
    'with a %s that was damaged is passed over for an older one',
    async (part) => {
      const { older, newer, damage, fetch } = await makeEncrypted();
      await damage(newer[part]);
      const { set, passedOver } = await fetch();
      expect(basename(set?.dump ?? '')).toBe(basename(older.dump));
      expect(passedOver).toMatchObject([
        { stem: basename(newer.dump, '.dump'), isDamaged: true, reason: expect.stringMatching(/decrypt/) as string },
      ]);
    },
  );

  test('of which no copy is whole is damaged, too, where anything else can be decrypted', async () => {
    const { older, newer, damage, fetch } = await makeEncrypted();
    for (const { manifest } of [older, newer]) await damage(manifest);
    expect(await fetch()).toMatchObject({ set: null, passedOver: [{ isDamaged: true }, { isDamaged: true }] });
  });

  test('with another password is not damaged', async () => {
    const { configure, fetch } = await makeEncrypted();
    await configure('another');
    await expect(fetch()).rejects.toMatchObject({
      code: 'OFFSITE_NOT_CONFIGURED',
      message: expect.stringMatching(/password/) as string,
    });
  });

  test('and damaged is sent again once its receipt is gone', async () => {
    const { rclone, newer, damage, directory, fetch } = await makeEncrypted();
    await damage(newer.dump);
    await rm(newer.receipt);
    expect(await copyOffsite({ directory, database: 'shop', rclone })).toMatchObject([
      { state: 'copied' },
      { state: 'was-copied' },
    ]);
    expect(await fetch()).toMatchObject({ passedOver: [] });
  });
});

test('files that are no backup of the database are passed over', () => {
  const names = [
    'shop_20260209T030000Z.dump/toc.dat',
    'shop_20260209T030000Z.dump/deeper/toc.dat',
    'shop_20260209T030000Z.sha256',
    'shop_20260209T030000Z.sha256/odd',
    'shop_2_20260209T030000Z.dump',
    'notes.txt',
  ];
  expect(groupBackups(new Map(names.map((name) => [name, 1])), 'shop').map(({ files }) => [...files.keys()])).toEqual([
    ['shop_20260209T030000Z.dump/toc.dat', 'shop_20260209T030000Z.sha256'],
  ]);
});
