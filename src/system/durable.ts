import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { draftPath } from './drafts.ts';

/** Writes a new file, and sees to it that it outlives a power cut. */
export async function writeSynced(path: string, content: string, mode = 0o666): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Sees to it that the names in a directory outlive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a file that only its owner can read, in place of one that may be there: see replaceFile. */
export async function replacePrivately(path: string, content: string): Promise<void> {
  await replaceFile(path, content, 0o600);
}

/** Writes a file in place of one that may be there: readers see the old or the new one, whole. */
export async function replaceFile(path: string, content: string, mode = 0o666): Promise<void> {
  const draft = await draftPath(dirname(path), basename(path));
  try {
    await writeSynced(draft, content, mode);
    await rename(draft, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Writes a file, unless there is one: of several that write it at the same time, on whatever machines, one does. Readers see it whole.
 * @returns whether it was written
 */
export async function writeOnce(path: string, content: string): Promise<boolean> {
  const draft = await draftPath(dirname(path), basename(path));
  try {
    await writeSynced(draft, content);
    await link(draft, path);
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
