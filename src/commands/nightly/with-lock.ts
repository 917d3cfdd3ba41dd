import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Profile } from '../../config/profile.ts';
import { LockHeld, withFileLock } from '../../system/file-lock.ts';
import { OperationalError } from '../../system/operational-error.ts';

/** Containers are thrown away with their locks held. */
const staleAfterMs = 10 * 60_000;

/**
 * Does a night of one database, where nobody else is at it.
 * @throws OperationalError NIGHT_BUSY
 */
export async function withNightLock<T>(
  reports: string,
  { name, database, backups }: Pick<Profile, 'name' | 'database' | 'backups'>,
  body: () => Promise<T>,
): Promise<T> {
  const what = createHash('sha256').update(JSON.stringify([name, database.name, backups?.directory ?? null]));
  const lock = join(reports, `.nightly-${what.digest('hex').slice(0, 12)}.lock`);
  try {
    return await withFileLock(lock, 0, body, staleAfterMs);
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    const { pid, host, since } = error.holder;
    const message = `A nightly of ${database.name} is at work already: process ${pid ?? 'unknown'} on ${host}, since ${since ?? 'an unknown moment'}. Nothing was done. Wait for it, or end that process; a night that takes longer than the time to the next one needs a schedule with more time in between.`;
    throw new OperationalError('NIGHT_BUSY', message, { cause: error });
  }
}
