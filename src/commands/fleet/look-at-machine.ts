import { statfs } from 'node:fs/promises';
import os from 'node:os';
import type { Machine } from '../../fleet/room-for-jobs.ts';

/**
 * What this machine, or the container that it is, has free for rehearsals.
 * @param directory where disposable servers keep their data
 */
export async function lookAtMachine(directory: string): Promise<Machine> {
  const disk = await statfs(directory).catch(() => null);
  return {
    cores: os.availableParallelism(),
    memoryBytes: process.availableMemory(),
    diskBytes: disk === null ? null : disk.bavail * disk.bsize,
  };
}
