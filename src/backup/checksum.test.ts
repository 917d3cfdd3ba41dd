import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { hashFile, hashText, readChecksum, writeChecksum } from './checksum.ts';

test.for(['shop_20260209T094803Z.dump', 'a name.dump', 'back\\slash.dump', 'new\nline.dump', "it's “quoted”.dump"])(
  'a checksum of %j is read by sha256sum and by us',
  async (name) => {
    const dump = join(await makeWorkspace(), name);
    await writeFile(dump, 'bytes');
    const { sha256, sizeBytes } = await hashFile(dump);
    expect(sizeBytes).toBe(5);

    const checksum = join(dirname(dump), 'sums');
    await writeChecksum(checksum, sha256, dump);

    expect(await readChecksum(checksum, dump)).toBe(sha256);
    expect(await execa('sha256sum', ['--check', 'sums'], { cwd: dirname(dump) })).toMatchObject({ exitCode: 0 });
    await writeFile(dump, 'other');
    expect(await execa('sha256sum', ['--check', 'sums'], { cwd: dirname(dump), reject: false })).toMatchObject({
      exitCode: 1,
    });
  },
);

const sha256 = 'a1'.repeat(32);
const other = 'b2'.repeat(32);

test.for([
  ['of sha256sum', `${sha256}  shop.dump\n`],
  ['of sha256sum --binary', `${sha256} *shop.dump\n`],
  ['with a path', `${sha256}  /var/backups/shop.dump\n`],
  ['with a path of one folder', `${sha256}  backups/shop.dump\n`],
  ['with a path of Windows', `${sha256} *C:\\backups\\shop.dump\n`],
  ['of BSD', `SHA256 (shop.dump) = ${sha256}\n`],
  ['of openssl', `SHA2-256(shop.dump)= ${sha256}\n`],
  ['of an older openssl', `SHA256(shop.dump)= ${sha256}\n`],
  [
    'of PowerShell',
    `\uFEFF\r\nAlgorithm : SHA256\r\nHash      : ${sha256.toUpperCase()}\r\nPath      : C:\\shop.dump\r\n`,
  ],
  ['without a name', `${sha256}\n`],
  ['without a name and line end', sha256],
  ['in capital letters, with CRLF', `${sha256.toUpperCase()}  shop.dump\r\n`],
  ['of the dump by a former name', `${sha256}  yesterday.dump\n`],
  ['of several files', `${other}  a.dump\n${sha256}  ./shop.dump\n${other}  z.dump\n`],
] as const)('a checksum file %s is read', async ([, content]) => {
  const sums = join(await makeWorkspace(), 'shop.dump.sha256');
  await writeFile(sums, content);
  expect(await readChecksum(sums, 'shop.dump')).toBe(sha256);
});

test('a checksum file of a directory gives its own hash, also with CRLF', async () => {
  const sums = join(await makeWorkspace(), 'shop.sha256');
  const text = `${other}  shop/1.dat.gz\n${sha256}  shop/toc.dat\n`;
  for (const content of [text, text.replaceAll('\n', '\r\n')]) {
    await writeFile(sums, content);
    expect(await readChecksum(sums, 'shop.dump')).toBe(hashText(text));
  }
});

test.for([
  ['there is none', null],
  ['it is empty', ''],
  ['it has those of other files', `${other}  a.dump\n${other}  z.dump\n`],
  ['it is of another kind', 'd41d8cd98f00b204e9800998ecf8427e  shop.dump\n'],
] as const)('no checksum is read where %s', async ([, content]) => {
  const sums = join(await makeWorkspace(), 'sums');
  if (content !== null) await writeFile(sums, content);
  expect(await readChecksum(sums, 'shop.dump')).toBeNull();
});
