import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../fixtures/testing/backups.ts';
import { describeWithRclone } from '../../fixtures/testing/offsite-places.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { assessBackup } from './assess.ts';
import { backupStem } from './backup-name.ts';
import { listBackups } from './inventory.ts';
import { copyOffsite } from './offsite.ts';
import { pruneBackups } from './prune.ts';
import { openRclone } from './rclone.ts';

/** As the runbook takes it: one file, and nothing beside it. */
async function takeByHand(
  directory: string,
  daysAgo: number,
  content = `PGDMP of ${daysAgo} days ago`,
): Promise<string> {
  const file = join(directory, `${backupStem('shop', nightBefore(daysAgo))}.dump`);
  await mkdir(directory, { recursive: true });
  await writeFile(file, content);
  return basename(file, '.dump');
}

async function assess(directory: string) {
  const stored = await listBackups(directory, 'shop');
  return Promise.all(stored.map((backup) => assessBackup(backup, 'shop')));
}

test('a dump that a person took is a backup; what is empty or starts as nothing known is none', async () => {
  const directory = await makeWorkspace();
  await takeByHand(directory, 1);
  await takeByHand(directory, 2, '');
  await takeByHand(directory, 3, 'pg_dump: error: connection failed');
  const problems = (await assess(directory)).map(({ problem, sha256 }) => [problem, sha256 !== null]);
  expect(problems).toEqual([
    [null, true],
    [expect.stringContaining('empty'), false],
    [expect.stringContaining('does not start as a dump'), false],
  ]);
});

test('one with a checksum has lost its manifest, and is not taken for one', async () => {
  const directory = await makeWorkspace();
  const stem = await takeByHand(directory, 1);
  await writeFile(join(directory, `${stem}.sha256`), 'x');
  expect((await assess(directory)).map(({ problem }) => problem)).toEqual([expect.stringContaining('no manifest')]);
});

describeWithRclone('dumps that a person took', () => {
  test('are copied off-host, counted with ours, and go when they are old and their copies are there', async () => {
    const directory = join(await makeWorkspace(), 'backups');
    const there = await makeWorkspace();
    const config = join(there, 'rclone.conf');
    await writeFile(config, `[t]\ntype = alias\nremote = ${there}\n`);
    for (const days of [9, 8, 2]) await takeByHand(directory, days);
    await makeBackup(directory, nightBefore(1));
    const open = () =>
      openRclone({ destination: 't:', config, environment: readEnvironment(), limits: { timeoutMs: 60_000 } });
    const prune = async () => {
      const commands = { backup: 'backup', offsite: 'offsite' };
      const policy = { keepDaily: 3, pruneAfterMs: 7 * 86_400_000, destination: 't:', commands };
      const options = { directory, database: 'shop', policy, now: new Date(), dryRun: false };
      const { decisions, doubts } = await pruneBackups({ ...options, rclone: open() });
      expect(doubts).toEqual([]);
      return decisions.filter(({ action }) => action === 'prune').map(({ backup }) => backup.stem);
    };
    expect(await prune()).toEqual([]);
    const outcomes = await copyOffsite({ directory, database: 'shop', rclone: open() });
    expect(outcomes.map(({ state }) => state)).toEqual(['copied', 'copied', 'copied', 'copied']);
    const [old = ''] = (await listBackups(directory, 'shop')).slice(-1).map(({ stem }) => stem);
    expect(await readFile(join(there, `${old}.dump`), 'utf8')).toBe('PGDMP of 9 days ago');
    expect(await prune()).toEqual([old]);
    expect((await listBackups(directory, 'shop')).map(({ stem }) => stem)).not.toContain(old);
  });
});
