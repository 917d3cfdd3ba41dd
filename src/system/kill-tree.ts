import { execa } from 'execa';

/**
 * Ends a process and all that it started at once, also what leads a process group of its own, as the sessions of a
 * PostgreSQL server do. Where there is no `ps`, it ends the process and its group alone.
 */
export async function killTree(pid: number, path: string): Promise<void> {
  // Stopped, it starts nothing while its children are looked up.
  kill(pid, 'SIGSTOP');
  const descendants = await listDescendants(pid, path);
  kill(-pid, 'SIGKILL');
  kill(pid, 'SIGKILL');
  for (const descendant of descendants) kill(descendant, 'SIGKILL');
}

async function listDescendants(pid: number, path: string): Promise<number[]> {
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid='], {
    reject: false,
    extendEnv: false,
    env: { PATH: path },
  });
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  // The list grows while it is gone through: children of children are found, too.
  for (const parent of found) {
    for (const [child, itsParent] of pairs) if (child !== undefined && itsParent === parent) found.push(child);
  }
  return found.slice(1);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
