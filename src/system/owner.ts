import { readFileSync } from 'node:fs';
import { describePlace } from './host.ts';
import { runProgram } from './run-program.ts';

/** The process that something belongs to, so that others can tell whether it is still there. */
export interface Owner {
  pid: number;
  /** When it started: process ids are used again. Clock ticks since the boot on Linux, seconds since 1970 elsewhere. */
  startedAt: number;
  /** See describePlace; `null` where the name had no room for it. */
  place: string | null;
}

export type Liveness = 'alive' | 'dead' | 'not-ours-to-judge';

/**
 * Width of process id, start and place in a name. macOS has no room for the place in the name of a directory that holds
 * a Unix socket: 104 bytes, of which 49 go to its TMPDIR. It has no namespaces of process ids either.
 */
const widths = process.platform === 'linux' ? { pid: 5, startedAt: 7, place: 4 } : { pid: 4, startedAt: 6, place: 0 };

/** A pattern for encodeOwner's text. */
export const ownerPattern = `[0-9a-z]{${widths.pid + widths.startedAt}}(?:[0-9a-z]{4})${widths.place > 0 ? '' : '?'}`;

let own: Promise<Owner> | undefined;

/**
 * This process as an owner.
 * @throws OperationalError TOOL_NOT_STARTED where there is neither /proc nor a program ps
 */
export function ownOwner(path: string): Promise<Owner> {
  own ??= readStart(process.pid, path).then((startedAt) => {
    if (startedAt === null) throw new Error('This process does not find itself among those that run.');
    return { pid: process.pid, startedAt, place: describePlace() };
  });
  return own;
}

/** An owner in the few characters that a name has room for; `'short'` leaves out what need not be told apart here. Pure. */
export function encodeOwner({ pid, startedAt, place }: Owner, length: 'short' | 'full'): string {
  const number = (value: number, width: number) => value.toString(36).padStart(width, '0');
  const withPlace = length === 'full' || widths.place > 0;
  return `${number(pid, widths.pid)}${number(startedAt, widths.startedAt)}${withPlace ? (place ?? '') : ''}`;
}

/** The owner that a name tells of, `null` if it is none. Pure. */
export function decodeOwner(text: string): Owner | null {
  if (!new RegExp(`^${ownerPattern}$`).test(text)) return null;
  const end = widths.pid + widths.startedAt;
  return {
    pid: Number.parseInt(text.slice(0, widths.pid), 36),
    startedAt: Number.parseInt(text.slice(widths.pid, end), 36),
    place: text.slice(end) || null,
  };
}

/** Whether an owner is still there. One of another machine or container is not ours to judge. */
export async function judgeOwner(owner: Owner, path: string): Promise<Liveness> {
  if (owner.place !== null && owner.place !== describePlace()) return 'not-ours-to-judge';
  return (await readStart(owner.pid, path)) === owner.startedAt ? 'alive' : 'dead';
}

/** When a process started; `null` if there is none, or only its status waits to be asked for. */
async function readStart(pid: number, path: string): Promise<number | null> {
  return process.platform === 'linux' ? readStartFromProc(pid) : readStartFromPs(pid, path);
}

/** See proc(5): field 3 of `stat` is the state, field 22 the start. Field 2, the name, may hold blanks and brackets. */
function readStartFromProc(pid: number): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    // ESRCH: it ended while it was read.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 'ZX'.includes(fields[0] ?? 'X') ? null : Number(fields[19]);
}

async function readStartFromPs(pid: number, path: string): Promise<number | null> {
  const { stdout } = await runProgram({
    file: 'ps',
    args: ['-o', 'stat=,lstart=', '-p', String(pid)],
    env: { PATH: path, LC_ALL: 'C', TZ: 'UTC' },
    timeoutMs: 10_000,
  });
  const [state = 'Z', ...start] = stdout.trim().split(/\s+/);
  return state.startsWith('Z') || start.length === 0 ? null : Date.parse(`${start.join(' ')} UTC`) / 1000;
}
