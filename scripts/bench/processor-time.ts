import { readFile } from 'node:fs/promises';

/** Ticks of a second in /proc, which the kernel gives to user space: always 100 (see proc_pid_stat(5), sysconf(3)). */
const ticks = 100;

/**
 * Processor time that processes have taken, with their children: those that have ended, and those that run, of which a server has
 * some that it has not noticed the end of. In seconds.
 * @returns null where there is no /proc, or one of them is not there
 */
export async function processorTime(pids: number[]): Promise<number | null> {
  try {
    // A server that this process has started is one of its children, too.
    const children = new Set((await Promise.all(pids.map(childrenOf))).flat());
    for (const pid of pids) children.delete(pid);
    const ofChildren = await Promise.all([...children].map((pid) => timeOf(pid).catch(() => 0)));
    const own = await Promise.all(pids.map(timeOf));
    return [...own, ...ofChildren].reduce((sum, time) => sum + time, 0);
  } catch {
    return null;
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

async function timeOf(pid: number): Promise<number> {
  return (await readStat(pid)).slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticks;
}

/** The process that started another one; null where that cannot be seen. */
export async function parentOf(pid: number): Promise<number | null> {
  try {
    return Number((await readStat(pid))[1]);
  } catch {
    return null;
  }
}

/** The fields behind the name, which may hold blanks and brackets: the state is the first one. */
async function readStat(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
