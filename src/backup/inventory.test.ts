import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../fixtures/testing/backups.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { listBackups } from './inventory.ts';
import { listOthers } from './list-others.ts';

test('two databases whose names are the same in names of files do not take each other’s backups', async () => {
  const directory = await makeWorkspace();
  await makeBackup(directory, nightBefore(1), { database: 'a b' });
  await makeBackup(directory, nightBefore(0), { database: 'a_b' });
  for (const [database, nights] of [['a b', 1] as const, ['a_b', 0] as const]) {
    const backups = await listBackups(directory, database);
    expect(backups.map(({ takenAt }) => takenAt)).toEqual([nightBefore(nights)]);
  }
  // Of one that says nothing of its database, nobody knows.
  const set = await makeBackup(directory, nightBefore(2), { database: 'a_b' });
  await rm(set.manifest);
  expect(await listBackups(directory, 'a b')).toHaveLength(2);
});

test('what lies in the folders of other tools is listed, and a folder that is not there is told from an empty one', async () => {
  const directory = await makeWorkspace({
    'daily/shop-20260201-030000.sql.gz': '',
    'last/deep/er/shop.sql': '',
    'latest.dump': '',
    'latest.dump.sha256': '',
    '.hidden': '',
    'shop.dir/toc.dat': '',
    'shop.dir/3001.dat.gz': '',
  });
  await symlink('../daily/shop-20260201-030000.sql.gz', join(directory, 'last/shop-latest.sql.gz'));
  expect(await listOthers(directory)).toEqual([
    'daily/shop-20260201-030000.sql.gz',
    'last/shop-latest.sql.gz',
    'latest.dump',
    'shop.dir',
  ]);
  await mkdir(join(directory, 'empty'));
  expect(await listOthers(join(directory, 'empty'))).toEqual([]);
  expect(await listOthers(join(directory, 'gone'))).toBeNull();
});
