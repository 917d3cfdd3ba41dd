import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Deep enough for folders by day, week and month, as other tools make them. */
const deepest = 3;
const most = 1000;

/**
 * Lists what lies in a directory and may be a dump that another tool took, by path relative to it.
 * @returns null where there is no such directory
 */
export async function listOthers(directory: string): Promise<string[] | null> {
  const found: string[] = [];
  const isThere = await look(directory, '', 1, found);
  return isThere ? found.toSorted() : null;
}

async function look(directory: string, path: string, depth: number, found: string[]): Promise<boolean> {
  const entries = await readdir(join(directory, path), { withFileTypes: true }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || depth > 1) return null;
    throw error;
  });
  if (entries === null) return false;
  // The directory of a dump is one thing.
  if (depth > 1 && entries.some(({ name }) => name === 'toc.dat')) {
    found.push(path);
    return true;
  }
  for (const entry of entries) {
    if (found.length >= most) break;
    const inside = join(path, entry.name);
    if (entry.isDirectory()) {
      if (depth < deepest) await look(directory, inside, depth + 1, found);
    } else if (!isBesideDump(entry.name)) found.push(inside);
  }
  return true;
}

/** Whether this is no dump, but what lies beside one, by its name: checksums, logs, roles, what file managers leave. Pure. */
export function isBesideDump(path: string): boolean {
  return /(?:^|\/)(?:\.|__MACOSX\/|readme\b)|\.(?:manifest\.json|offsite\.json|sha\d+|md5|sig|log|txt)$|globals\.sql$|(?:^|\/)(?:SHA\d+|MD5)SUMS?$/i.test(
    path,
  );
}
