import { availableParallelism } from 'node:os';
import type { Profile } from '../config/profile.ts';
import { readArchiveEntries } from '../postgres/archive-entries.ts';
import type { ListedEntry } from '../postgres/listed-entry.ts';
import type { TakenDump } from './steps/dump.ts';

/** Below it, further sessions take longer to start than they save. */
const leastBytes = 8 * 1024 * 1024;
const mostJobs = 4;
/** Thousands of small tables are no quicker in several sessions, which look through all entries for each next one. */
const leastOfEntry = 4096;

/**
 * How many sessions restore a dump that the drill has just taken: one, as the runbook does it, where the order of what is
 * restored could matter to what comes of it, and for whatever is not the runbook's plain restore.
 */
export async function chooseJobs(
  dump: TakenDump,
  { ownership, restoreAs, tolerate }: Pick<Profile, 'ownership' | 'restoreAs' | 'tolerate'>,
  { processors = availableParallelism(), fewestBytes = leastBytes } = {},
): Promise<number> {
  const isPlain = ownership === 'runbook' && restoreAs !== 'superuser' && tolerate.length === 0;
  if (!isPlain || dump.sizeBytes < fewestBytes) return 1;
  const entries = await readArchiveEntries(dump);
  if (entries === null || orderMatters(entries)) return 1;
  return dump.sizeBytes / entries.length < leastOfEntry ? 1 : Math.max(2, Math.min(processors, mostJobs));
}

/**
 * Whether an archive holds anything but plain tables with their rows, keys and indexes. The code of a function, or of what has
 * functions behind it, may read a table whose rows are not there yet: one session after the other finds that each time,
 * several only sometimes. Pure.
 */
export function orderMatters(entries: Pick<ListedEntry, 'type'>[]): boolean {
  return entries.some(({ type }) => !withoutCode.has(type));
}

const withoutCode = new Set([
  ...['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'SCHEMA', 'TYPE', 'TABLE', 'TABLE ATTACH', 'TABLE DATA'],
  ...['SEQUENCE', 'SEQUENCE OWNED BY', 'SEQUENCE SET', 'DEFAULT', 'CONSTRAINT', 'CHECK CONSTRAINT', 'FK CONSTRAINT'],
  ...['INDEX', 'INDEX ATTACH', 'COMMENT', 'ACL', 'DEFAULT ACL', 'DATABASE', 'DATABASE PROPERTIES'],
]);
