import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OperationalError } from '../../system/operational-error.ts';
import { parseList } from './parse-list.ts';
import type { Listed, ListingOptions } from './listed.ts';

/** @throws OperationalError PROFILE_INVALID */
export async function listInFile(file: string, { directory }: ListingOptions): Promise<Listed> {
  const path = resolve(directory, file);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationalError('PROFILE_INVALID', `The list of databases ${path} cannot be read: ${reason}`);
  });
  return { list: await parseList(text, path), from: path, leftOut: [] };
}
