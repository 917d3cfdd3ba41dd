/** Errors of PostgreSQL's that say of a disk that it is full, and of shared memory, too, which is one in memory. */
export const diskFullState = '53100';

/**
 * Says what is full, and what to do about it. PostgreSQL has the same words for the shared memory of a container, of which 64 MB are usual,
 * and which has nothing to do with the room on any disk. Pure.
 * @param message of PostgreSQL or of a tool
 */
export function sayFull(message: string): { what: string; remedy: string } {
  return message.includes('shared memory segment')
    ? {
        what: 'shared memory',
        remedy:
          'What is at /dev/shm is too small for parallel work. Give the container more: --shm-size of Docker, or a volume in memory at /dev/shm.',
      }
    : { what: 'a disk', remedy: 'Free some space, or set TMPDIR to another disk.' };
}
