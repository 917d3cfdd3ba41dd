import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { writeOnce } from './durable.ts';

test('of several that write a file once, one does, and all read the same', async () => {
  const directory = await makeWorkspace();
  const file = join(directory, 'plan.json');
  const words = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(1000));
  const written = await Promise.all(words.map((word) => writeOnce(file, word)));
  expect(written.filter((isOurs) => isOurs)).toEqual([true]);
  expect(await readFile(file, 'utf8')).toBe(words[written.indexOf(true)]);
  expect(await writeOnce(file, 'later')).toBe(false);
  expect(await readdir(directory)).toEqual(['plan.json']);
});

test('a directory that is not there is an error', async () => {
  await expect(writeOnce('/nowhere/plan.json', '')).rejects.toMatchObject({ code: 'ENOENT' });
});
