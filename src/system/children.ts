interface Child {
  pid?: number | undefined;
  once(event: 'exit', listener: () => void): unknown;
  unref(): void;
}

const live = new Set<number>();

/** Remembers a child until it has exited, so that none outlives this process however it ends (SIGKILL aside). */
export function trackChild(child: Child): void {
  const { pid } = child;
  if (pid === undefined) return;
  live.add(pid);
  child.once('exit', () => live.delete(pid));
}

/** Lets a child outlive this process, for a server that the user asked to keep. */
export function releaseChild(child: Child): void {
  if (child.pid !== undefined) live.delete(child.pid);
  child.unref();
}

/**
 * Sends a signal to a child and all that it started. Every child leads a process group of its own: a Ctrl-C in the
 * terminal then reaches the harness alone, which ends its children in order.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

process.once('exit', () => {
  for (const pid of live) signalGroup(pid, 'SIGKILL');
});
