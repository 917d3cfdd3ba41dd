import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { findNewestHere } from '../origin/newest-here.ts';
import { findCandidates } from './find-candidates.ts';

async function makeFolders() {
  const directory = await makeWorkspace({
    'last/shop-20260201-030000.sql.gz': 'a dump',
    'last/shop-20260201-030000.sql.gz.sha256': 'a checksum',
    'd/shop_20260203T030000Z.dump/toc.dat': 'contents',
    'd/shop_20260203T030000Z.dump/1.dat': 'rows',
    'daily/.hidden': 'x',
  });
  const path = (name: string) => join(directory, name);
  await link(path('last/shop-20260201-030000.sql.gz'), path('daily/shop-20260201.sql.gz'));
  await symlink('shop-20260201-030000.sql.gz', path('last/shop-latest.sql.gz'));
  await symlink('nowhere', path('last/broken.sql.gz'));
  return directory;
}

test('a file of several names is one candidate, by the name that says most; a directory dump is one', async () => {
  const found = await findCandidates(await makeFolders(), '**');
  expect(found.map(({ path }) => path).toSorted()).toEqual([
    'd/shop_20260203T030000Z.dump',
    'last/shop-20260201-030000.sql.gz',
  ]);
});

test('a pattern takes what it fits', async () => {
  const found = await findCandidates(await makeFolders(), 'daily/*.gz');
  expect(found.map(({ path }) => path)).toEqual(['daily/shop-20260201.sql.gz']);
});

test.for([
  ['pgBackRest', 'backup/main/backup.info'],
  ['WAL-G', 'basebackups_005/base_000000010000000000000002_backup_stop_sentinel.json'],
  ['Barman', 'main/base/20260201T030000/backup.info'],
])('a repository of %s is named, for it holds no dumps', async ([name = '', file = '']) => {
  const directory = await makeWorkspace({ [file]: '{}' });
  const searched = { directory, pattern: '**', database: 'shop', now: new Date() };
  await expect(findNewestHere(searched)).rejects.toMatchObject({
    code: 'BACKUP_NOT_FOUND',
    message: expect.stringContaining(name) as string,
  });
});

test('names with spaces, quotes and dashes are names', async () => {
  const directory = await makeWorkspace();
  await mkdir(join(directory, '-rf'));
  for (const name of ['$(id) 2026-02-01.sql', "-rf/a'b 2026-02-02.sql"]) await writeFile(join(directory, name), 'x');
  const searched = { directory, pattern: '**', database: 'none', now: new Date() };
  expect((await findNewestHere(searched)).candidates).toBe(2);
});
