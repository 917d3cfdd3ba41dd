import { hostname } from 'node:os';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { LockHeld, withFileLock } from './file-lock.ts';

const hour = 3_600_000;
const done = () => Promise.resolve('done');

test('who waits no longer is told who holds the lock, and since when', async () => {
  const lock = join(await makeWorkspace(), 'lock');
  const before = new Date().toISOString();
  await withFileLock(lock, 0, async () => {
    const error: unknown = await withFileLock(lock, 0, done).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LockHeld);
    const { holder } = error as LockHeld;
    expect(holder).toMatchObject({ pid: process.pid, host: hostname() });
    expect((holder.since ?? '') >= before).toBe(true);
  });
  expect(await withFileLock(lock, 0, done)).toBe('done');
});

/** Of another container, as its last four characters say; see encodeOwner. */
async function lockFromElsewhere(agoMs: number): Promise<string> {
  const lock = join(await makeWorkspace(), 'lock');
  const own = await withFileLock(lock, 0, () => readFile(lock, 'utf8'));
  const [owner = '', ...rest] = own.split(' ');
  await writeFile(lock, [`${owner.slice(0, -4)}${owner.endsWith('zzzz') ? 'yyyy' : 'zzzz'}`, ...rest].join(' '));
  const at = new Date(Date.now() - agoMs);
  await utimes(lock, at, at);
  return lock;
}

test('a lock from elsewhere is held as long as there are signs of life, and no longer', async () => {
  const alive = await lockFromElsewhere(0);
  await expect(withFileLock(alive, 0, done, hour)).rejects.toThrow(LockHeld);
  const silent = await lockFromElsewhere(2 * hour);
  expect(await withFileLock(silent, 0, done, hour)).toBe('done');
});

test('a lock from elsewhere is held for ever where no signs of life are asked for', async () => {
  await expect(withFileLock(await lockFromElsewhere(2 * hour), 0, done)).rejects.toThrow(LockHeld);
});

test('whoever holds a lock gives signs of life', async () => {
  const lock = join(await makeWorkspace(), 'lock');
  await withFileLock(
    lock,
    0,
    async () => {
      const long = new Date(Date.now() - hour);
      await utimes(lock, long, long);
      await expect
        .poll(async () => (await stat(lock)).mtimeMs, { timeout: 20_000 })
        .toBeGreaterThan(Date.now() - hour / 2);
    },
    1000,
  );
});
