import { execa } from 'execa';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { withSplit } from './split-files.ts';

const truncated = { rule: 'ARCHIVE_TRUNCATED', message: 'It ends too early.', remedy: 'Copy it again.' };

/** What is said of a file that is not whole, and lies in a directory with what a shell makes there. */
async function explain(script: string, file: string) {
  const cwd = await makeWorkspace();
  await execa('bash', ['-c', `printf 'PGDMP\\1\\16\\0' > dump; head -c 9000 /dev/urandom >> dump; ${script}`], { cwd });
  return withSplit(join(cwd, file), [truncated]);
}

test.each([
  ['by letters', 'split -b 3000 dump shop.dump.', 'shop.dump.ab', 'cat shop.dump.* > shop.dump'],
  ['by many letters', 'split -a 3 -b 3000 dump shop.', 'shop.aaa', 'cat shop.* > shop'],
  ['by numbers', 'split -d -b 3000 dump shop.dump.part', 'shop.dump.part00', 'cat shop.dump.part* > shop.dump'],
  ['by 7z', '7z a -bd -v3k shop.7z dump > log', 'shop.7z.002', 'cat shop.7z.* > shop.7z'],
  [
    'by zip',
    'zip -q -s 64k shop.zip dump - < <(head -c 150000 /dev/urandom)',
    'shop.z01',
    'zip -s 0 shop.zip --out whole.zip',
  ],
  [
    'by zip, the last',
    'zip -q -s 64k shop.zip dump - < <(head -c 150000 /dev/urandom)',
    'shop.zip',
    'zip -s 0 shop.zip',
  ],
])('a part of a file that was split %s is named', async (_, script, file, command) => {
  const [first, ...rest] = await explain(script, file);
  expect(first).toMatchObject({ rule: 'DUMP_IN_PARTS', remedy: expect.stringContaining(command) as string });
  expect(rest).toEqual([truncated]);
});

test.each([
  ['dumps that are numbered', 'for i in 1 2 3; do cp dump shop.dump.$i; done', 'shop.dump.2'],
  ['packed dumps that are numbered', 'for i in 01 02; do gzip < dump > shop.$i; done', 'shop.01'],
  ['other packings of it', 'gzip < dump > shop.sql.gz; xz < dump > shop.sql.xz', 'shop.sql.gz'],
  ['files of other kinds', 'touch shop.db shop.md shop.gz', 'shop.gz'],
  ['years', 'head -c 20 dump > shop.2024; head -c 20 dump > shop.2026', 'shop.2026'],
  ['nothing', 'cp dump shop.aa', 'shop.aa'],
])('beside %s, a dump that was cut is just that', async (_, script, file) => {
  expect(await explain(script, file)).toEqual([truncated]);
});
