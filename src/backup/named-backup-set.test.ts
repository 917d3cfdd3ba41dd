import { execa } from 'execa';
import { symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../fixtures/testing/backups.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { hashFile, writeChecksum } from './checksum.ts';
import { examineFiles } from './examine.ts';
import { namedBackupSet } from './named-backup-set.ts';

test('a dump that is named by a link has the manifest of its target', async () => {
  const directory = await makeWorkspace();
  const set = await makeBackup(directory, nightBefore(0));
  await symlink(basename(set.dump), join(directory, 'latest.dump'));
  expect(await namedBackupSet(join(directory, 'latest.dump'))).toEqual(set);
});

test.each(['.sha256', '.sha256sum', '.sha256.txt'])(
  'a checksum that another program wrote counts: %s',
  async (ending) => {
    const directory = await makeWorkspace();
    const dump = join(directory, 'shop.dump');
    await writeFile(dump, 'bytes');
    const { sha256 } = await hashFile(dump);
    await writeFile(`${dump}${ending}`, `SHA256 (/var/backups/shop.dump) = ${sha256}\n`);
    const rules = async () =>
      (await examineFiles(await namedBackupSet(dump), await makeWorkspace())).findings.map(({ rule }) => rule);
    expect(await rules()).toEqual([]);
    await writeFile(dump, 'other');
    expect(await rules()).toEqual(['CHECKSUM_MISMATCH']);
    // One of ours comes first.
    await writeChecksum(join(directory, 'shop.sha256'), (await hashFile(dump)).sha256, dump);
    expect(await rules()).toEqual([]);
  },
);

test.each([
  ['nothing', 'true', /There is no backup at .*out\. Mend/],
  ['a file with a name below it', 'mkdir x; touch x/y; ln -s x/y/z out', /is a link, and leads to nothing/],
  ['a link to nothing', 'ln -s nowhere out', /is a link, and leads to nothing/],
  ['a link to itself', 'ln -s out out', /is a link, and leads back to itself/],
  ['a pipe', 'mkfifo out', /is a pipe, and a backup is read more than once/],
  ['a link to a pipe', 'mkfifo pipe; ln -s pipe out', /is a pipe/],
  ['a device', 'ln -s /dev/zero out', /is a device.*write it to a file/],
])('instead of a dump, %s is named', async (_, script, message) => {
  const cwd = await makeWorkspace();
  await execa('bash', ['-c', script], { cwd });
  await expect(namedBackupSet(join(cwd, 'out'))).rejects.toMatchObject({
    code: 'BACKUP_NOT_FOUND',
    message: expect.stringMatching(message) as string,
  });
});

test('a name that is no UTF-8 is said to be that', async () => {
  await expect(namedBackupSet('caf\uFFFD.dump')).rejects.toThrow('bytes that are no UTF-8');
});

test.skipIf(process.getuid?.() === 0)('a dump that may not be read is said to be that', async () => {
  const cwd = await makeWorkspace();
  await execa('bash', ['-c', 'touch out; chmod 0 out'], { cwd });
  await expect(namedBackupSet(join(cwd, 'out'))).rejects.toThrow('may not be read by this account (EACCES)');
});
