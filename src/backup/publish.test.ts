import { watch } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { setOf, type BackupSet } from './backup-set.ts';
import { publishSet } from './publish.ts';

const stem = 'shop_20260209T094803Z';

/** Drafts of a set with roles, and an empty directory for it. */
async function makeDrafts(): Promise<{ drafts: BackupSet; directory: string }> {
  const names = ['dump', 'manifest.json', 'sha256', 'globals.sql'].map((suffix) => `draft/${stem}.${suffix}`);
  const workspace = await makeWorkspace(Object.fromEntries(names.map((name) => [name, name])));
  const directory = join(workspace, 'backups');
  await mkdir(directory);
  return { drafts: setOf(join(workspace, 'draft', stem)), directory };
}

test('the dump gets its name last: whoever finds it finds all that belongs to it', async () => {
  const { drafts, directory } = await makeDrafts();
  const seen: (string | null)[] = [];
  const watcher = watch(directory, (_, name) => seen.push(name));
  onTestFinished(() => {
    watcher.close();
  });
  await publishSet(drafts, setOf(join(directory, stem)));
  await expect.poll(() => new Set(seen).size).toBe(4);
  expect(seen.at(-1)).toBe(`${stem}.dump`);
});

test('all files of a set get their names', async () => {
  const { drafts, directory } = await makeDrafts();
  expect(await publishSet(drafts, setOf(join(directory, stem)))).toBe(true);
  expect((await readdir(directory)).toSorted()).toEqual(
    [`${stem}.dump`, `${stem}.globals.sql`, `${stem}.manifest.json`, `${stem}.sha256`].toSorted(),
  );
});

test.for(['.dump', '.manifest.json', '.sha256', '.globals.sql', '.offsite.json'])(
  'a set of which %s is there already is not touched',
  async (suffix) => {
    const { drafts, directory } = await makeDrafts();
    await writeFile(join(directory, `${stem}${suffix}`), 'of somebody else');
    expect(await publishSet(drafts, setOf(join(directory, stem)))).toBe(false);
    expect(await readdir(directory)).toEqual([`${stem}${suffix}`]);
    expect(await readFile(join(directory, `${stem}${suffix}`), 'utf8')).toBe('of somebody else');
  },
);

test('a set of which one file cannot get its name is taken back', async () => {
  const { drafts, directory } = await makeDrafts();
  const set = setOf(join(directory, stem));
  await expect(publishSet(drafts, { ...set, dump: join(directory, 'nowhere', 'dump') })).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(await readdir(directory)).toEqual([]);
});
