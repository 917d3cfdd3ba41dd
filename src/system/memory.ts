import { totalmem } from 'node:os';

/** The memory that this process may use, in bytes: of the machine, or less where it is in a container with a limit. */
export function constrainedMemory(): number {
  // 0, or a number beyond all memory, where there is no limit.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
