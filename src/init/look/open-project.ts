import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Project } from '../facts.ts';

/** No file of settings is as long. */
const mostBytes = 1_000_000;

/** The files of a directory. What is too long, no file, or may not be read, is not there. */
export function openProject(directory: string): Project {
  return { directory, readText: (file) => readText(resolve(directory, file)) };
}

async function readText(path: string): Promise<string | null> {
  // Opening a pipe would wait for whoever writes to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (handle === null) return null;
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > mostBytes) return null;
    const text = await handle.readFile('utf8');
    return text.includes('\0') ? null : text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  } finally {
    await handle.close();
  }
}
