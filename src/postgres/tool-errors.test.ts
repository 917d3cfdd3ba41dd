import { expect, test } from 'vitest';
import { assertServerUp, type ServerOfTools } from './tool-errors.ts';

/** Nothing is asked of it here. */
const server = Object.create(null) as ServerOfTools;

test.for([
  ['pg_dump', 'pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout', 'SOURCE_LOCKED'],
  ['pg_restore', 'pg_restore: error: ERROR:  canceling statement due to lock timeout', 'SOURCE_LOCKED'],
  ['pg_restore', 'pg_restore: error: could not write: No space left on device', 'DISK_FULL'],
] as const)('%s that says "%s" failed for a reason that is not the backup’s: %s', async ([tool, log, code]) => {
  await expect(assertServerUp(server, tool, log)).rejects.toMatchObject({ code });
});

test('shared memory that is too small is not taken for a disk', async () => {
  const log =
    'ERROR:  could not resize shared memory segment "/PostgreSQL.1" to 63999360 bytes: No space left on device';
  await expect(assertServerUp(server, 'pg_restore', log)).rejects.toThrow(
    /because shared memory is full\. What is at \/dev\/shm is too small/,
  );
});

test('a limit that the archive itself sets for its restore is the backup’s own reason', async () => {
  const log = 'psql:<stdin>:7: ERROR:  canceling statement due to statement timeout';
  await expect(assertServerUp(server, 'psql', log)).resolves.toBeUndefined();
});
