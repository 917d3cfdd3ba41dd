import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../fixtures/testing/backups.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { encodeOwner, ownOwner } from '../system/owner.ts';
import type { BackupSet } from './backup-set.ts';
import { hashDump, hashFile, hashFilesOf } from './checksum.ts';
import { pruneBackups } from './prune.ts';
import { openRclone } from './rclone.ts';
import { readReceipt, writeReceipt, type Receipt } from './receipt.ts';
import { removeSet } from './remove-set.ts';

const now = new Date('2026-02-09T12:00:00Z');
const destination = 'far:backups';
const commands = { backup: 'npm run backup', offsite: 'npm run offsite' };
const policy = { keepDaily: 2, pruneAfterMs: 24 * 60 * 60_000, destination, commands };
const night = (days: number) => nightBefore(days, now);

/** Copies of the backups in a directory are in one beside it, which rclone takes for a remote. */
async function prune(directory: string, changes: object = {}) {
  const far = `${directory}.far`;
  const config = `${directory}.conf`;
  await writeFile(config, `[far]\ntype = alias\nremote = ${far}\n`);
  const environment = readEnvironment();
  const rclone = openRclone({ destination, config, environment, limits: { timeoutMs: 60_000 } });
  return pruneBackups({ directory, database: 'shop', policy, rclone, now, dryRun: false, ...changes });
}

/** Copies a backup, and writes the receipt, as `npm run offsite` would. */
async function confirm(set: BackupSet, to = destination): Promise<void> {
  const far = join(`${dirname(set.dump)}.far`, 'backups');
  const hashes = await hashFilesOf(set.dump);
  for (const file of [set.checksum, set.manifest]) hashes.push({ name: basename(file), ...(await hashFile(file)) });
  for (const { name } of hashes) await cp(join(dirname(set.dump), name), join(far, name));
  const files = hashes.map(({ name, sha256, sizeBytes }) => ({ name, sha256, bytes: sizeBytes }));
  const { sha256: dump } = await hashDump(set.dump);
  await writeReceipt(set.receipt, { schemaVersion: 1, destination: to, verifiedAt: now.toISOString(), dump, files });
}

/** Two that stay, and one that goes. */
async function makeThree(): Promise<{ directory: string; old: BackupSet }> {
  const directory = join(await makeWorkspace(), 'backups');
  const sets = [];
  for (const days of [1, 2, 3]) sets.push(await makeBackup(directory, night(days)));
  for (const set of sets) await confirm(set);
  return { directory, old: sets[2] as BackupSet };
}

const actions = ({ decisions }: Awaited<ReturnType<typeof prune>>) =>
  decisions.map(({ backup, action }) => [backup.takenAt.toISOString().slice(0, 10), action]);

test('a backup that goes takes all its files along, and no others', async () => {
  const { directory, old } = await makeThree();
  const mine = ['notes.txt', 'shop_20260101T030000Z.dump.bak', 'shopping_20260101T030000Z.dump', 'shop.dump'];
  for (const name of mine) await writeFile(join(directory, name), 'mine');
  await symlink('/etc/hostname', join(directory, 'shop_20250101T030000Z.dump'));
  const before = await readdir(directory);

  const planned = await prune(directory, { dryRun: true });
  expect(await readdir(directory)).toEqual(before);
  const done = await prune(directory);
  expect(done.decisions).toEqual(planned.decisions);
  expect(done.freedBytes).toBe(planned.freedBytes);
  expect(done.freedBytes).toBeGreaterThan(2000);
  expect(actions(done)).toEqual([
    ['2026-02-08', 'keep'],
    ['2026-02-07', 'keep'],
    ['2026-02-06', 'prune'],
  ]);
  const files = Object.values(old).map((file) => basename(file));
  expect(await readdir(directory)).toEqual(before.filter((name) => !files.includes(name)));
});

test('the time in the name counts, not that of the file', async () => {
  const { directory, old } = await makeThree();
  for (const file of [old.dump, old.manifest]) await utimes(file, now, now);
  expect(actions(await prune(directory)).at(-1)).toEqual(['2026-02-06', 'prune']);
});

test('a dump that is a directory goes, too', async () => {
  const { directory } = await makeThree();
  const set = await makeBackup(directory, night(9), { dump: { 'toc.dat': 'contents', '1.dat': 'rows' } });
  await confirm(set);
  await prune(directory);
  expect((await readdir(directory)).filter((name) => name.startsWith(basename(set.dump, '.dump')))).toEqual([]);
});

describe('half a backup stays, and what to do is said', () => {
  test.for([
    ['the dump is lost, and nothing proves a copy', ['dump', 'receipt'], /its dump is not here/],
    ['the manifest is lost', ['manifest'], /no manifest/],
    ['the checksum is lost', ['checksum'], /no checksum/],
  ] as const)('where %s', async ([, lost, reason]) => {
    const { directory, old } = await makeThree();
    for (const part of lost) await rm(old[part]);
    const before = await readdir(directory);
    expect((await prune(directory)).decisions.at(-1)).toMatchObject({
      action: 'keep',
      reason: expect.stringMatching(reason) as string,
    });
    expect(await readdir(directory)).toEqual(before);
  });

  test.for([
    [
      'the dump was cut off',
      (set: BackupSet) => writeFile(set.dump, 'PGDMP'),
      /the dump has 5 bytes, its manifest says 2000/,
    ],
    ['the manifest is none', (set: BackupSet) => writeFile(set.manifest, '{}'), /its manifest cannot be read/],
    [
      'the checksum is of another dump',
      (set: BackupSet) => writeFile(set.checksum, `${'a1'.repeat(32)}  shop.dump\n`),
      /checksum and manifest are of different dumps/,
    ],
  ] as const)('where %s', async ([, damage, reason]) => {
    const { directory, old } = await makeThree();
    await damage(old);
    const before = await readdir(directory);
    const { decisions } = await prune(directory);
    expect(decisions.at(-1)).toMatchObject({ action: 'keep', reason: expect.stringMatching(reason) as string });
    expect(await readdir(directory)).toEqual(before);
  });

  test('where its manifest is of another database', async () => {
    const { directory } = await makeThree();
    await confirm(await makeBackup(directory, night(9), { manifest: { database: 'else' } }));
    expect((await prune(directory)).decisions.at(-1)?.reason).toMatch(/of the database else/);
  });
});

test.for([
  ['of another place', (set: BackupSet) => confirm(set, 'far:elsewhere')],
  [
    'of another dump',
    async (set: BackupSet) => {
      const other = await makeBackup(join(dirname(set.dump), 'other'), night(3));
      await confirm(other);
      await rm(set.receipt);
      await writeReceipt(set.receipt, (await readReceipt(other.receipt)) as Receipt);
    },
  ],
  ['that cannot be read', (set: BackupSet) => writeFile(set.receipt, '{"destination": "far:backups"}')],
] as const)('a receipt %s proves nothing', async ([, write]) => {
  const { directory, old } = await makeThree();
  await write(old);
  expect((await prune(directory)).decisions.at(-1)).toMatchObject({
    action: 'keep',
    reason: 'older than 1 day, but not proven to be off-host: npm run offsite',
  });
});

describe('a prune that was killed is finished by the next', () => {
  const order = ['dump', 'manifest', 'checksum', 'receipt'] as const;

  test.for([1, 2, 3])('after %i files', async (count) => {
    const { directory, old } = await makeThree();
    for (const part of order.slice(0, count)) await rm(old[part]);
    const result = await prune(directory);
    expect(result.decisions.at(-1)).toMatchObject({
      action: 'prune',
      reason: expect.stringMatching(/gone already/) as string,
    });
    expect((await readdir(directory)).filter((name) => name.includes('20260206'))).toEqual([]);
  });

  test('unless what is left was never copied', async () => {
    const { directory, old } = await makeThree();
    await rm(old.dump);
    await writeFile(old.manifest, 'something else');
    expect((await prune(directory)).decisions.at(-1)).toMatchObject({
      action: 'keep',
      reason: expect.stringMatching(/its dump is not here/) as string,
    });
    expect(await readdir(directory)).toContain(basename(old.manifest));
  });

  test('for the receipt is the last to go', async () => {
    const { old } = await makeThree();
    await rm(old.manifest);
    await mkdir(old.manifest);
    await expect(removeSet(old)).rejects.toThrow(/directory/);
    expect(await readReceipt(old.receipt)).not.toBeNull();
  });

  test('while the dump had no name any more', async () => {
    const { directory } = await makeThree();
    const owner = encodeOwner({ ...(await ownOwner(readEnvironment().path)), startedAt: 1 }, 'full');
    const draft = `.shop_20260101T030000Z.dump-${owner}-0123abcd`;
    await mkdir(join(directory, draft));
    expect((await prune(directory)).swept.removed).toEqual([join(directory, draft)]);
    expect(await readdir(directory)).not.toContain(draft);
  });
});

test('several at once delete the same, and each says so', async () => {
  const { directory } = await makeThree();
  const results = await Promise.all([1, 2, 3, 4].map(() => prune(directory)));
  for (const { failed, doubts } of results) expect([...failed, ...doubts]).toEqual([]);
  const kept = (await readdir(directory)).filter((name) => name.endsWith('.dump'));
  expect(kept).toEqual(['shop_20260207T030000Z.dump', 'shop_20260208T030000Z.dump']);
  expect((await readdir(directory)).filter((name) => name.includes('20260206') || name.startsWith('.'))).toEqual([]);
});

test('a directory that is not there holds no backup', async () => {
  const { decisions, warnings } = await prune(join(await makeWorkspace(), 'none'));
  expect(decisions).toEqual([]);
  expect(warnings).toEqual([expect.stringMatching(/There is no whole backup here/)]);
});

test('a directory that is a file is said to be unusable', async () => {
  const file = join(await makeWorkspace({ backups: '' }), 'backups');
  await expect(prune(file)).rejects.toMatchObject({
    code: 'BACKUP_NOT_WRITTEN',
    message: expect.stringContaining(file) as string,
  });
});

describe('a copy that a receipt names', () => {
  const far = (directory: string, file: string) => join(`${directory}.far`, 'backups', basename(file));

  test.for([
    ['is gone', (copy: string) => rm(copy), /gone: shop_20260206T030000Z\.dump is not there/],
    ['is cut', (copy: string) => truncate(copy, 1999), /\.dump has 1999 bytes there, not 2000/],
    ['has other bytes', (copy: string) => writeFile(copy, randomBytes(2000)), /\.dump differs from the file here/],
  ] as const)('and %s keeps the backup here, loses its receipt, and is said', async ([, damage, message]) => {
    const { directory, old } = await makeThree();
    await damage(far(directory, old.dump));
    const before = await readdir(directory);

    const looked = await prune(directory, { dryRun: true });
    expect(looked.doubts).toEqual([expect.stringMatching(message)]);
    expect(await readdir(directory)).toEqual(before);

    const done = await prune(directory);
    expect([actions(done), done.doubts]).toEqual([actions(looked), looked.doubts]);
    expect(done.decisions.at(-1)).toMatchObject({ action: 'keep', reason: expect.stringMatching(message) as string });
    expect(await readdir(directory)).toEqual(before.filter((name) => name !== basename(old.receipt)));
    const again = await prune(directory);
    expect(again.decisions.at(-1)?.reason).toMatch(/not proven to be off-host/);
  });

  test('lacks one of its files, keeps it as well', async () => {
    for (const part of ['manifest', 'checksum'] as const) {
      const { directory, old } = await makeThree();
      await rm(far(directory, old[part]));
      const { decisions, doubts } = await prune(directory);
      expect([decisions.at(-1)?.action, doubts]).toEqual(['keep', [expect.stringContaining(basename(old[part]))]]);
    }
  });

  test.for([
    ['is gone', (file: string) => rm(file), /1\.dat is not there/],
    ['has other bytes', (file: string) => writeFile(file, 'ROWS'), /1\.dat differs/],
  ] as const)('keeps a directory of which a file %s', async ([, damage, message]) => {
    const { directory } = await makeThree();
    const set = await makeBackup(directory, night(9), { dump: { 'toc.dat': 'contents', '1.dat': 'rows' } });
    await confirm(set);
    await damage(join(far(directory, set.dump), '1.dat'));
    const { decisions, doubts } = await prune(directory);
    expect(decisions.map(({ action }) => action)).toEqual(['keep', 'keep', 'prune', 'keep']);
    expect(doubts).toEqual([expect.stringMatching(message)]);
  });

  test('of the original counts for a duplicate, as long as it is there', async () => {
    for (const isThere of [true, false]) {
      const { directory, old } = await makeThree();
      const dump = await readFile(old.dump);
      const duplicate = await makeBackup(directory, new Date(night(3).getTime() + 60_000), { dump });
      if (!isThere) await rm(far(directory, old.dump));
      const { decisions } = await prune(directory);
      expect(decisions.map(({ action }) => action)).toEqual(
        isThere ? ['keep', 'keep', 'prune', 'prune'] : ['keep', 'keep', 'keep', 'keep'],
      );
      expect(existsSync(duplicate.dump)).toBe(!isThere);
    }
  });

  test('is looked at before what a killed prune has left goes', async () => {
    const { directory, old } = await makeThree();
    await rm(old.dump);
    await rm(far(directory, old.dump));
    const before = await readdir(directory);
    const { decisions, doubts } = await prune(directory);
    expect(decisions.at(-1)).toMatchObject({ action: 'keep', reason: expect.stringMatching(/is gone/) as string });
    expect(doubts).toEqual([expect.stringMatching(/Nothing is left of its dump here, either/)]);
    expect(await readdir(directory)).toEqual(before);
  });

  test('is not looked at where nothing would go', async () => {
    const { directory } = await makeThree();
    const rclone = openRclone({
      ...{ destination: 'unheard-of:backups', config: '/dev/null', environment: readEnvironment() },
      limits: { timeoutMs: 60_000 },
    });
    expect(await prune(directory, { rclone, policy: { ...policy, keepDaily: 3 } })).toMatchObject({ doubts: [] });
    const before = await readdir(directory);
    const { decisions, doubts } = await prune(directory, { rclone });
    expect(decisions.at(-1)?.reason).toBe('older than 1 day, but its copy off-host could not be looked at');
    expect(doubts).toEqual([
      expect.stringMatching(/^Nothing is deleted, for no copy could be looked at.*no such remote/),
    ]);
    expect(await readdir(directory)).toEqual(before);
  });
});
