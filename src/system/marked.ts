import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from './operational-error.ts';
import { runProgram } from './run-program.ts';

/** Marks a child whose HOME is not its rehearsal's directory, for the profile may choose another. */
export const markerVariable = 'RESTORE_REHEARSAL_DIRECTORY';

/** A process that says whose it is. */
export interface MarkedProcess {
  pid: number;
  uid: number;
  /** Directories that its environment names as its home, or as its rehearsal's. */
  homes: string[];
  /** Of a PostgreSQL server: the directory it works in. Its title overwrites its environment. */
  serverDirectory: string | null;
}

const graceMs = 3000;
const endTimeoutMs = 15_000;

/** Every process that this account can look into and that has a home, or is a PostgreSQL server. */
export async function listMarkedProcesses(path: string): Promise<MarkedProcess[]> {
  const all = process.platform === 'linux' ? listFromProc() : parseProcessList(await listFromPs(path));
  return all.filter(({ pid }) => pid !== process.pid);
}

/**
 * Ends all processes of a rehearsal's directory and waits until they are gone. Others that merely stand in the directory
 * are not touched.
 * @returns how many there were
 * @throws OperationalError LEFT_BEHIND if one does not end
 */
export async function endProcessesOf(directory: string, path: string): Promise<number> {
  const startedAt = performance.now();
  const places = [directory, await realpath(directory).catch(() => directory)];
  const asked = new Set<number>();
  for (;;) {
    const left = (await listMarkedProcesses(path)).filter((marked) => belongsTo(marked, places));
    if (left.length === 0) return asked.size;
    const waited = performance.now() - startedAt;
    if (waited > endTimeoutMs) {
      const message = `Processes of ${directory} do not end: ${left.map(({ pid }) => pid).join(', ')}. See what they wait for with ps.`;
      throw new OperationalError('LEFT_BEHIND', message);
    }
    for (const { pid, serverDirectory } of left) {
      // An immediate shutdown frees the server's shared memory, which SIGKILL would leave.
      if (!asked.has(pid)) signal(pid, serverDirectory === null ? 'SIGTERM' : 'SIGQUIT');
      else if (waited > graceMs) signal(pid, 'SIGKILL');
      asked.add(pid);
    }
    await delay(20);
  }
}

/** Whether a process belongs to the rehearsal whose directory goes by these paths. Pure. */
export function belongsTo({ homes, serverDirectory }: MarkedProcess, places: string[]): boolean {
  const inside = (path: string) => places.some((place) => path === place || path.startsWith(`${place}/`));
  return homes.some(inside) || (serverDirectory !== null && inside(serverDirectory));
}

/** Synchronous, for it takes a tenth of the time: these files are no I/O. */
function listFromProc(): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
      const program = withoutDeleted(readlinkSync(`/proc/${name}/exe`));
      const isServer = basename(program) === 'postgres';
      found.push({
        pid: Number(name),
        uid: statSync(`/proc/${name}`).uid,
        homes: environment.filter(isMarker).map(markedDirectory),
        serverDirectory: isServer ? withoutDeleted(readlinkSync(`/proc/${name}/cwd`)) : null,
      });
    } catch {
      // It has ended, is a kernel's, or another account's.
    }
  }
  return found;
}

/** What /proc appends to the path of something that is no longer there. */
function withoutDeleted(path: string): string {
  return path.replace(/ \(deleted\)$/, '');
}

function isMarker(variable: string): boolean {
  return variable.startsWith('HOME=') || variable.startsWith(`${markerVariable}=`);
}

/** A path of bytes, as Node.js gives it to us elsewhere. */
function markedDirectory(variable: string): string {
  return Buffer.from(variable.slice(variable.indexOf('=') + 1), 'latin1').toString();
}

async function listFromPs(path: string): Promise<string> {
  const { stdout } = await runProgram({
    file: 'ps',
    args: ['axeww', '-o', 'pid=,uid=,ppid=,command='],
    env: { PATH: path, LC_ALL: 'C' },
    timeoutMs: 10_000,
  });
  return stdout;
}

/**
 * Reads what `ps axeww -o pid=,uid=,ppid=,command=` printed: the environment follows the arguments. A server is known by its
 * program and its -D, the processes that it started by their parent. Pure.
 */
export function parseProcessList(text: string): MarkedProcess[] {
  const rows = [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)(.*)$/gm)];
  const lines = rows.map(([, pid, uid, parent, program = '', rest = '']) => ({
    pid: Number(pid),
    uid: Number(uid),
    parent: Number(parent),
    isServer: /^postgres:?$/.test(basename(program)),
    rest,
  }));
  const dataDirectories = new Map(
    lines.filter(({ isServer }) => isServer).map(({ pid, rest }) => [pid, / -D (\S+)/.exec(rest)?.[1] ?? null]),
  );
  return lines.map(({ pid, uid, parent, isServer, rest }) => ({
    pid,
    uid,
    homes: rest.split(' ').filter(isMarker).map(markedDirectory),
    serverDirectory: isServer ? (dataDirectories.get(pid) ?? dataDirectories.get(parent) ?? null) : null,
  }));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
