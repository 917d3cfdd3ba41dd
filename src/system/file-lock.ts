import { randomBytes } from 'node:crypto';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { draftPath } from './drafts.ts';
import { readEnvironment } from './environment.ts';
import { decodeOwner, encodeOwner, judgeOwner, ownOwner } from './owner.ts';

/** Who holds a lock, for people. */
export interface LockHolder {
  pid: number | null;
  /** The name of its machine or container. */
  host: string;
  /** ISO 8601; null where the lock does not say. */
  since: string | null;
}

/** The lock is held for longer than one wants to wait. */
export class LockHeld extends Error {
  readonly holder: LockHolder;

  constructor(path: string, content: string) {
    super(path);
    this.holder = describeHolder(content);
  }
}

const lookAgainMs = 20;

/**
 * Does something that only one process at a time may do. Who was killed holds nothing: a lock says whose it is. One of another
 * machine or container is waited for.
 * @param path of the lock: a file that is there as long as somebody holds it
 * @param patienceMs how long one holder is waited for
 * @param staleAfterMs a holder gives signs of life much more often; one of another machine or container that has given none
 *   for so long holds nothing. null: it may hold the lock for ever
 * @throws LockHeld
 */
export async function withFileLock<T>(
  path: string,
  patienceMs: number,
  body: () => Promise<T>,
  staleAfterMs: number | null = null,
): Promise<T> {
  const draft = await draftPath(dirname(path), basename(path));
  const owner = encodeOwner(await ownOwner(readEnvironment().path), 'full');
  // Each lock is another one, also of the same process.
  const content = [owner, randomBytes(8).toString('hex'), new Date().toISOString(), encodeURIComponent(hostname())];
  await writeFile(draft, content.join(' '), { flag: 'wx', mode: 0o600 });
  try {
    await acquire(path, draft, { patienceMs, staleAfterMs });
    // Lock and draft are one file under two names.
    const signsOfLife = staleAfterMs === null ? null : setInterval(() => void touch(draft), staleAfterMs / 20);
    try {
      return await body();
    } finally {
      if (signsOfLife !== null) clearInterval(signsOfLife);
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

interface Waiting {
  patienceMs: number;
  staleAfterMs: number | null;
}

async function acquire(path: string, draft: string, { patienceMs, staleAfterMs }: Waiting): Promise<void> {
  let before: string | null = null;
  let deadline = performance.now() + patienceMs;
  while (!(await tryLink(draft, path))) {
    const holder = await readHolder(path);
    // As long as turns are taken, nobody is stuck.
    if (holder !== before) deadline = performance.now() + patienceMs;
    before = holder;
    const isOver = holder !== null && ((await isDead(holder)) || (await isStale(path, staleAfterMs)));
    if (isOver) await breakLock(path, draft, holder);
    else if (performance.now() > deadline) throw new LockHeld(path, holder ?? '');
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

/** Whether the holder, wherever it is, has given no sign of life for too long. Clocks of two machines differ by less. */
async function isStale(path: string, staleAfterMs: number | null): Promise<boolean> {
  if (staleAfterMs === null) return false;
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > staleAfterMs;
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

/** Pure. */
function describeHolder(content: string): LockHolder {
  const [owner = '', , since = null, host = ''] = content.split(' ');
  return { pid: decodeOwner(owner)?.pid ?? null, since, host: decodeName(host) };
}

/** Pure. */
function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
