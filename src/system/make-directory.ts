import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a directory, and those above it that are not there. Node.js' own way loops for ever in some places, like /proc. */
export async function makeDirectories(directory: string, mode?: number): Promise<void> {
  try {
    await makeOne(directory, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(directory) === directory) throw error;
    await makeDirectories(dirname(directory), mode);
    await makeOne(directory, mode);
  }
}

async function makeOne(directory: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(directory, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
