import { basename, join } from 'node:path';
import { parseBackupName } from '../../backup/backup-name.ts';
import { chooseCandidate, type Candidate } from '../../backup/others/choose-candidate.ts';
import { anyFile, findCandidates } from '../../backup/others/find-candidates.ts';
import { readOthersName } from '../../backup/others/read-name.ts';
import { count } from '../../terminal/count.ts';
import type { DumpsFact } from '../facts.ts';
import { databaseOfDumpName, isDumpName, isNoDump, patternOf } from './dump-names.ts';
import { nearbyIn } from './nearby-in.ts';

/** Where backups often are, below a project. */
const usual = [
  'backups',
  'backup',
  'dumps',
  'dump',
  'pgbackups',
  'db-backups',
  'db_backups',
  'postgres-backups',
  'db/backups',
  'data/backups',
  'var/backups',
];

/** The first of the usual directories that holds a dump. */
export async function findDumps(project: string): Promise<DumpsFact | null> {
  for (const name of usual) {
    const found = await lookAtDumps(project, join(project, name)).catch(() => null);
    if (found !== null) return found;
  }
  return null;
}

/**
 * The dumps of a directory, by their names and first bytes: a file of several names, as links to the newest, is one.
 * @returns null where it holds none, or is not there
 */
export async function lookAtDumps(project: string, directory: string): Promise<DumpsFact | null> {
  const found = (await findCandidates(directory, anyFile)).filter(isDump);
  if (found.length === 0) return null;
  // Other tools link what is in one folder into others.
  const folder = found.every(isOwn) ? commonFolder(found.map(({ path }) => path)) : '';
  const paths = found.map(({ path }) => path.slice(folder === '' ? 0 : folder.length + 1));
  const inside = join(directory, folder);
  const shown = nearbyIn(project, inside);
  const now = new Date();
  const newestOf = (database: string) => {
    const { chosen } = chooseCandidate(found, { database, now });
    return chosen === null ? null : join(directory, chosen.candidate.path);
  };
  const names = [...new Set(found.map(databaseOf))].filter((name) => name !== null).toSorted();
  return {
    directory: shown,
    from: `${shown}/ (${count(found.length, 'dump')})`,
    databases: names.map((name) => ({ name, newest: newestOf(name) })),
    files: found.length,
    // Where only the whole server was dumped, reading that says so.
    newest: newestOf('') ?? join(directory, found[0]?.path ?? ''),
    pattern: found.every(isOwn) && paths.every((path) => !path.includes('/')) ? null : patternOf(paths),
    tool: found.every(isOwn) ? null : toolOf(paths),
  };
}

/** Names of others may look like ours. */
function toolOf(paths: string[]): string | null {
  const tools = paths.map((path) => readOthersName(path, '').tool).filter((tool) => tool !== null);
  return tools.find((tool) => !tool.startsWith('restore-rehearsal')) ?? null;
}

function isDump({ path, header }: Candidate): boolean {
  if (header !== null || isDumpName(basename(path))) return true;
  return !isNoDump(basename(path)) && readOthersName(path, '').tool !== null;
}

function databaseOf({ path, header }: Candidate): string | null {
  return header?.database ?? databaseOfDumpName(basename(path));
}

/** Named as ours and the runbook's are, so that they are found without a pattern. */
function isOwn(candidate: Candidate): boolean {
  const database = databaseOf(candidate);
  return database !== null && parseBackupName(basename(candidate.path), database) !== null;
}

/** `local` where all dumps are in backups/local: folders of others are not asked. */
function commonFolder(paths: string[]): string {
  const folders = new Set(paths.map((path) => path.split('/').slice(0, -1).join('/')));
  const [folder = ''] = folders;
  return folders.size === 1 ? folder : '';
}
