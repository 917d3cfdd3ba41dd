import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../fixtures/testing/backups.ts';
import { describeOffsite } from '../../fixtures/testing/offsite-places.ts';
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
    const { set, passedOver } = await fetchNewestBackup(rclone, 'shop', fetched, ({ fetchedBytes, totalBytes }) =>
      progress.push(fetchedBytes / totalBytes),
    );
    expect(passedOver).toEqual([]);
    expect(progress.at(-1)).toBe(1);
    expect(basename(set?.dump ?? '')).toBe(basename(newer.dump));
    expect((await examineFiles(set ?? newer, await makeWorkspace())).findings).toEqual([]);
    expect((await stat(set?.manifest ?? '')).mode & 0o777).toBe(0o600);
    expect((await stat(join(set?.dump ?? '', 'toc.dat'))).mode & 0o777).toBe(0o600);
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
