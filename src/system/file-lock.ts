import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { draftPath } from './drafts.ts';
import { readEnvironment } from './environment.ts';
import { decodeOwner, encodeOwner, judgeOwner, ownOwner } from './owner.ts';

/** The lock is held for longer than one wants to wait. */
export class LockHeld extends Error {}

const lookAgainMs = 20;

/**
 * Does something that only one process at a time may do. Who was killed holds nothing: a lock says whose it is. One of another
 * machine or container is waited for.
 * @param path of the lock: a file that is there as long as somebody holds it
 * @param patienceMs how long one holder is waited for
 * @throws LockHeld
 */
export async function withFileLock<T>(path: string, patienceMs: number, body: () => Promise<T>): Promise<T> {
  const draft = await draftPath(dirname(path), basename(path));
  const owner = encodeOwner(await ownOwner(readEnvironment().path), 'full');
  // Each lock is another one, also of the same process.
  await writeFile(draft, `${owner} ${randomBytes(8).toString('hex')}`, { flag: 'wx', mode: 0o600 });
  try {
    await acquire(path, draft, patienceMs);
    try {
      return await body();
    } finally {
      await rm(path, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes the lock of a dead process, where there is one. Whoever takes a lock does so as well. */
export async function removeDeadLock(path: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder === null || !(await isDead(holder))) return;
  const draft = await draftPath(dirname(path), basename(path));
  await writeFile(draft, encodeOwner(await ownOwner(readEnvironment().path), 'full'), { flag: 'wx', mode: 0o600 });
  try {
    await breakLock(path, draft, holder);
  } finally {
    await rm(draft, { force: true });
  }
}

async function acquire(path: string, draft: string, patienceMs: number): Promise<void> {
  let before: string | null = null;
  let deadline = performance.now() + patienceMs;
  while (!(await tryLink(draft, path))) {
    const holder = await readHolder(path);
    // As long as turns are taken, nobody is stuck.
    if (holder !== before) deadline = performance.now() + patienceMs;
    before = holder;
    if (holder !== null && (await isDead(holder))) await breakLock(path, draft, holder);
    else if (performance.now() > deadline) throw new LockHeld(path);
    else await delay(lookAgainMs + Math.random() * lookAgainMs);
  }
}

/**
 * Removes the lock of a dead process. Whoever does so holds a mark for that one lock meanwhile, and looks once more: of two who
 * have seen the same dead lock, the later one would remove the lock of the earlier.
 */
async function breakLock(path: string, draft: string, holder: string): Promise<void> {
  for (let level = 0; ; level += 1) {
    const mark = `${path}-${holder.split(' ')[1] ?? ''}-${level}`;
    if (await tryLink(draft, mark)) {
      if ((await readHolder(path)) === holder) await rm(path, { force: true });
      for (let done = level; done >= 0; done -= 1)
        await rm(`${mark.slice(0, mark.lastIndexOf('-'))}-${done}`, { force: true });
      return;
    }
    const breaker = await readHolder(mark);
    // It was killed in the middle, or is at it.
    if (breaker === null || !(await isDead(breaker))) return delay(lookAgainMs);
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

async function readHolder(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return null;
  });
}

async function isDead(holder: string): Promise<boolean> {
  const owner = decodeOwner(holder.split(' ')[0] ?? '');
  return owner !== null && (await judgeOwner(owner, readEnvironment().path)) === 'dead';
}
