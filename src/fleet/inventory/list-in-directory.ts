import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseBackupName } from '../../backup/backup-name.ts';
import { anyFile, findCandidates } from '../../backup/others/find-candidates.ts';
import { databaseOfDumpName } from '../../init/look/dump-names.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { Listed, ListingOptions } from './listed.ts';

/** Each database that the names of dumps in a directory say. @throws OperationalError PROFILE_INVALID */
export async function listInDirectory(directory: string, { directory: start }: ListingOptions): Promise<Listed> {
  const path = resolve(start, directory);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() !== true) {
    throw new OperationalError('PROFILE_INVALID', `There is no directory of backups ${path}.`);
  }
  const names = new Map<string, string[]>();
  const unnamed: string[] = [];
  for (const { path: file } of await findCandidates(path, anyFile)) {
    const name = databaseOfDumpName(basename(file));
    if (name === null) unnamed.push(file);
    else names.set(name, [...(names.get(name) ?? []), file]);
  }
  return {
    list: [...names].map(([name, files]) => {
      const isOwn = files.every((file) => parseBackupName(file, name) !== null);
      return { name, backups: { directory: path, ...(!isOwn && { pattern: anyFile }) } };
    }),
    from: path,
    leftOut: unnamed.map((name) => ({ name, why: 'its name says no database' })),
  };
}
