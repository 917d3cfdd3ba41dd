import { backupPrefix } from '../backup-name.ts';
import { findTime, type NamedTime } from './time-in-name.ts';
import { backupTools, timeMark } from './tools.ts';

/** What the name of a backup says that another tool took. */
export interface OthersName {
  /** null for a name that is none of a tool known here. */
  tool: string | null;
  time: NamedTime | null;
  /** Whether it is of the database that is looked for. */
  isOf: 'this' | 'other' | 'unknown';
}

/** Words that stand in names of backups, and say nothing about the database. */
const generic = new Set(
  (
    'backup backups bak bkp dump dumps db database databases pg pgdump pgsql postgres postgresql psql sql custom plain full ' +
    'latest last newest current daily weekly monthly hourly nightly auto export data prod production live gz'
  ).split(' '),
);

/**
 * Reads the name of a file as other tools write it: which one, when, and of which database. Pure.
 * @param path relative to the directory of the backups; folders may be a part of the name
 */
export function readOthersName(path: string, database: string): OthersName {
  const base = path.split('/').at(-1) ?? path;
  const time = findTime(base) ?? findTime(path);
  const marked = time === null ? path : path.replace(time.words, timeMark);
  const tool = backupTools.find(({ file }) => file.test(marked));
  const { database: named, words } = tool?.file.exec(marked)?.groups ?? {};
  const isOf =
    named !== undefined
      ? compare(named, database)
      : tool !== undefined && words === undefined
        ? 'unknown'
        : guess(marked, database);
  return { tool: tool?.name ?? null, time, isOf };
}

/** `backup_2026-02-01.sql` is of no database of that name. */
function compare(named: string, database: string): OthersName['isOf'] {
  if (named === database || backupPrefix(named) === backupPrefix(database)) return 'this';
  return wordsOf(named).every(saysNothing) ? 'unknown' : 'other';
}

/** What is left of a name without its time, its ending and words that say nothing. */
function guess(marked: string, database: string): OthersName['isOf'] {
  const base = (marked.split('/').at(-1) ?? marked).replaceAll(timeMark, '-');
  const left = wordsOf(base.replace(/^\.+/, '').replace(/\.[a-z0-9.]*$/i, ''));
  const wanted = wordsOf(database);
  const at = left.findIndex((_, start) => wanted.every((word, index) => left[start + index] === word));
  const rest = at === -1 ? left : left.toSpliced(at, wanted.length);
  const isGeneric = rest.every(saysNothing);
  if (at !== -1 && wanted.length > 0) return isGeneric ? 'this' : 'unknown';
  return isGeneric ? 'unknown' : 'other';
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function saysNothing(word: string): boolean {
  return generic.has(word) || /^\d+$/.test(word);
}
