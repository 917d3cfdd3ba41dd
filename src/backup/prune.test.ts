import { mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../fixtures/testing/backups.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../config/environment.ts';
import { encodeOwner, ownOwner } from '../process/owner.ts';
import type { BackupSet } from './backup-set.ts';
import { hashDump, hashFile } from './checksum.ts';
import { pruneBackups } from './prune.ts';
import { readReceipt, writeReceipt, type Receipt } from './receipt.ts';
import { removeSet } from './remove-set.ts';

const now = new Date('2026-02-09T12:00:00Z');
const destination = 'remote:backups';
const policy = { keepDaily: 2, pruneAfterMs: 24 * 60 * 60_000, destination };
const night = (days: number) => nightBefore(days, now);

const prune = (directory: string, changes: object = {}) =>
  pruneBackups({ directory, database: 'shop', policy, now, dryRun: false, ...changes });

/** Writes the receipt that `npm run offsite` would. */
async function confirm(set: BackupSet, to = destination): Promise<void> {
  const files = await Promise.all(
    [set.checksum, set.manifest].map(async (file) => {
      const { sha256, sizeBytes } = await hashFile(file);
      return { name: basename(file), sha256, bytes: sizeBytes };
    }),
  );
  const { sha256: dump } = await hashDump(set.dump);
  await writeReceipt(set.receipt, { schemaVersion: 1, destination: to, verifiedAt: now.toISOString(), dump, files });
}

/** Two that stay, and one that goes. */
async function makeThree(): Promise<{ directory: string; old: BackupSet }> {
  const directory = await makeWorkspace();
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
  ['of another place', (set: BackupSet) => confirm(set, 'remote:elsewhere')],
  [
    'of another dump',
    async (set: BackupSet) => {
      const other = await makeBackup(join(dirname(set.dump), 'other'), night(3));
      await confirm(other);
      await rm(set.receipt);
      await writeReceipt(set.receipt, (await readReceipt(other.receipt)) as Receipt);
    },
  ],
  ['that cannot be read', (set: BackupSet) => writeFile(set.receipt, '{"destination": "remote:backups"}')],
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
  for (const { failed } of results) expect(failed).toEqual([]);
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
