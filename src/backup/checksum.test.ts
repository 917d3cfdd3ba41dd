import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { hashFile, readChecksum, writeChecksum } from './checksum.ts';

test.for(['shop_20260209T094803Z.dump', 'a name.dump', 'back\\slash.dump', 'new\nline.dump', "it's “quoted”.dump"])(
  'a checksum of %j is read by sha256sum and by us',
  async (name) => {
    const dump = join(await makeWorkspace(), name);
    await writeFile(dump, 'bytes');
    const { sha256, sizeBytes } = await hashFile(dump);
    expect(sizeBytes).toBe(5);

    const checksum = join(dirname(dump), 'sums');
    await writeChecksum(checksum, sha256, dump);

    expect(await readChecksum(checksum)).toBe(sha256);
    expect(await execa('sha256sum', ['--check', 'sums'], { cwd: dirname(dump) })).toMatchObject({ exitCode: 0 });
    await writeFile(dump, 'other');
    expect(await execa('sha256sum', ['--check', 'sums'], { cwd: dirname(dump), reject: false })).toMatchObject({
      exitCode: 1,
    });
  },
);

test('a checksum file of another program is read, too', async () => {
  const sums = join(await makeWorkspace(), 'sums');
  await writeFile(sums, `${'a1'.repeat(32)} *shop.dump\n`);
  expect(await readChecksum(sums)).toBe('a1'.repeat(32));
});

test.for([
  ['there is none', null],
  ['it is empty', ''],
  ['it is of another kind', 'd41d8cd98f00b204e9800998ecf8427e  shop.dump\n'],
] as const)('no checksum is read where %s', async ([, content]) => {
  const sums = join(await makeWorkspace(), 'sums');
  if (content !== null) await writeFile(sums, content);
  expect(await readChecksum(sums)).toBeNull();
});
