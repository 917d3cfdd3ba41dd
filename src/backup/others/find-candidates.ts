import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readHead } from '../../system/read-head.ts';
import { headBytes } from '../../system/seal.ts';
import { recogniseFormat } from '../format/formats.ts';
import { isBesideDump } from '../list-others.ts';
import type { Candidate } from './choose-candidate.ts';

/** A candidate on this machine. */
export interface LocalCandidate extends Candidate {
  /** Where its bytes are: of a link, where it leads to. */
  file: string;
}

/**
 * Finds the files of a directory that may be backups. Of several names of the same file (hard links, and links like
 * `latest.dump`) the longest path is taken, for it says most.
 * @param pattern a glob, relative to the directory
 */
export async function findCandidates(directory: string, pattern: string): Promise<LocalCandidate[]> {
  const byFile = new Map<string, LocalCandidate>();
  for (const path of await matchFiles(directory, pattern)) {
    const candidate = await look(directory, path);
    if (candidate === null) continue;
    const { key, ...found } = candidate;
    const known = byFile.get(key);
    if (known === undefined || saysMore(found, known)) byFile.set(key, found);
  }
  return [...byFile.values()];
}

/** Everything below a directory: folders by tool, database, year, month and day. */
export const anyFile = '**';

async function matchFiles(directory: string, pattern: string): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const options = { cwd: directory, expandDirectories: false, followSymbolicLinks: true, deep: 6, dot: false };
  const entries = await glob(pattern, { ...options, onlyFiles: false });
  const directoryDumps = entries.filter((entry) => entry.endsWith('/')).map((entry) => entry.slice(0, -1));
  const dumps: string[] = [];
  for (const each of directoryDumps) if (await isDirectoryDump(join(directory, each))) dumps.push(each);
  const files = entries.filter((entry) => !entry.endsWith('/') && !isBesideDump(entry));
  return [...dumps, ...files.filter((file) => !dumps.some((dump) => file.startsWith(`${dump}/`)))];
}

async function isDirectoryDump(path: string): Promise<boolean> {
  const names: string[] = await readdir(path).catch(() => []);
  return names.includes('toc.dat');
}

async function look(directory: string, path: string): Promise<(LocalCandidate & { key: string }) | null> {
  try {
    const file = await realpath(join(directory, path));
    const stats = await stat(file);
    if (!stats.isFile() && !stats.isDirectory()) return null;
    const start = stats.isDirectory() ? join(file, 'toc.dat') : file;
    const head = await readHead(start, headBytes).catch(() => Buffer.alloc(0));
    const said = recogniseFormat({ head, isDirectory: stats.isDirectory() })?.describe(head) ?? null;
    const madeAt = said === null || said.madeAt === null ? null : new Date(`${said.madeAt.replace(' ', 'T')}Z`);
    return {
      path,
      file,
      sizeBytes: stats.size,
      changedAt: stats.mtime,
      header: said && {
        database: said.database,
        madeAt: madeAt !== null && Number.isNaN(madeAt.getTime()) ? null : madeAt,
      },
      key: `${stats.dev}:${stats.ino}`,
    };
  } catch {
    // A link that leads to nothing, or a file that has just gone.
    return null;
  }
}

function saysMore(one: LocalCandidate, other: LocalCandidate): boolean {
  const digits = ({ path }: LocalCandidate) => path.replace(/\D/g, '').length;
  return digits(one) - digits(other) > 0 || (digits(one) === digits(other) && one.path < other.path);
}
