import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { OperationalError } from '../system/operational-error.ts';
import type { WantedFile } from './files.ts';

/** What became of a file, or would become of it. */
export interface FileState {
  file: string;
  state: 'new' | 'same' | 'differs' | 'extended';
  /** What would change, as a unified diff; empty where nothing would. */
  diff: string;
}

/** What each file is to what is there. Nothing is written. */
export async function compareFiles(directory: string, wanted: readonly WantedFile[]): Promise<FileState[]> {
  return Promise.all(wanted.map((each) => compareFile(directory, each)));
}

async function compareFile(directory: string, { file, content, isAddition }: WantedFile): Promise<FileState> {
  const before = await readThere(join(directory, file));
  if (before === content) return { file, state: 'same', diff: '' };
  const diff = createTwoFilesPatch(before === null ? '/dev/null' : file, file, before ?? '', content);
  return { file, state: before === null ? 'new' : isAddition ? 'extended' : 'differs', diff };
}

async function readThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cannotWrite(path, error);
  }
}

/**
 * Writes files, each at once and whole. One that is new must still not be there.
 * @throws OperationalError NOT_WRITTEN
 */
export async function writeFiles(
  directory: string,
  wanted: readonly WantedFile[],
  states: readonly FileState[],
): Promise<void> {
  for (const { file, content } of wanted) {
    const state = states.find((each) => each.file === file)?.state;
    if (state === 'same' || state === undefined) continue;
    const path = join(directory, file);
    try {
      await mkdir(dirname(path), { recursive: true });
      if (state === 'new') await writeFile(path, content, { flag: 'wx' });
      else await replace(path, content);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
}

async function replace(path: string, content: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.draft`;
  try {
    await writeFile(draft, content, { flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function cannotWrite(path: string, error: unknown): OperationalError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${path} cannot be written: ${reason}. Files that are named above are written. Mend it and start init again: it goes on from there.`;
  return new OperationalError('NOT_WRITTEN', message, { cause: error });
}
