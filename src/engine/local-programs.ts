import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { runProgram } from '../system/run-program.ts';

/** A directory with PostgreSQL's server and client programs, all of one version. */
export interface LocalPrograms {
  directory: string;
  major: number;
  version: string;
}

export const oldestMajor = 14;

const clientPrograms = ['pg_dump', 'pg_restore', 'psql'];
const serverPrograms = ['initdb', 'postgres', ...clientPrograms];

/**
 * Lists the complete PostgreSQL installations of this machine, version 14 or newer.
 * @param named the directory that the user names; then nothing else is looked at
 * @param path search path for programs
 */
export function findLocalPrograms(named: string | null, path: string): Promise<LocalPrograms[]> {
  return findPrograms(serverPrograms, named, path);
}

/** Lists the installations of this machine that have the client programs at least. */
export function findClientPrograms(named: string | null, path: string): Promise<LocalPrograms[]> {
  return findPrograms(clientPrograms, named, path);
}

/** The installation whose client programs fit a server best: of the same major, else the oldest newer one. Pure. */
export function chooseClientPrograms(found: LocalPrograms[], serverMajor: number): LocalPrograms | undefined {
  return found.filter(({ major }) => major >= serverMajor).toSorted((a, b) => a.major - b.major)[0];
}

async function findPrograms(needed: string[], named: string | null, path: string): Promise<LocalPrograms[]> {
  const among = async (directories: string[]) => {
    const found = await Promise.all(directories.map((directory) => inspect(directory, needed, path)));
    return found.filter((programs) => programs !== null && programs.major >= oldestMajor) as LocalPrograms[];
  };
  if (named !== null) return among([named]);
  const found = await among(await candidateDirectories(path));
  // It is asked last: Debian's is a script that starts four programs, and leads to what was found already.
  return found.length > 0 ? found : among(await pgConfigDirectory(path));
}

/** The installation that is nearest to a major: the same one, else the newest. Pure. */
export function choosePrograms(found: LocalPrograms[], wantedMajor: number | null): LocalPrograms | undefined {
  const newestFirst = found.toSorted((a, b) => Number.parseFloat(b.version) - Number.parseFloat(a.version));
  return newestFirst.find(({ major }) => major === wantedMajor) ?? newestFirst[0];
}

async function candidateDirectories(path: string): Promise<string[]> {
  const directories = [
    ...(await expand('/usr/lib/postgresql', (version) => join(version, 'bin'))),
    ...(await expand('/opt/homebrew/opt', (formula) => join(formula, 'bin'), /^postgresql/)),
    ...(await expand('/usr/local/opt', (formula) => join(formula, 'bin'), /^postgresql/)),
    ...(await linkedDirectories('initdb', path)),
    ...(await linkedDirectories('pg_dump', path)),
    ...(await linkedDirectories('pg_config', path)),
  ];
  return [...new Set(directories)];
}

async function pgConfigDirectory(path: string): Promise<string[]> {
  const command = { file: 'pg_config', args: ['--bindir'], env: { PATH: path }, timeoutMs: 10_000 };
  const result = await runProgram(command).catch(() => null);
  return result?.exitCode === 0 ? [result.stdout.trim()] : [];
}

async function expand(parent: string, below: (name: string) => string, wanted = /./): Promise<string[]> {
  const names = await readdir(parent).catch(() => []);
  return names.filter((name) => wanted.test(name)).map((name) => join(parent, below(name)));
}

/** Programs on the search path are often links, or wrappers that cost time: the real directory is taken. */
async function linkedDirectories(program: string, path: string): Promise<string[]> {
  const found = await Promise.all(
    path.split(delimiter).map((directory) => realpath(join(directory, program)).catch(() => null)),
  );
  return found.filter((file) => file !== null).map((file) => dirname(file));
}

async function inspect(directory: string, needed: string[], path: string): Promise<LocalPrograms | null> {
  try {
    await Promise.all(needed.map((program) => access(join(directory, program), constants.X_OK)));
    const { stdout } = await runProgram({
      file: join(directory, 'pg_dump'),
      args: ['--version'],
      env: { PATH: path },
      timeoutMs: 10_000,
    });
    const [version, major] = /\b(\d+)(?:\.\d+|devel|beta\d+|rc\d+)?/.exec(stdout) ?? [];
    return version === undefined ? null : { directory, major: Number(major), version };
  } catch {
    return null;
  }
}
