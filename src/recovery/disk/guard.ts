import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../../system/operational-error.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { reserveOf, type DiskSpace } from './disks.ts';
import { lookAt, type SeenDisk } from './room.ts';

/** Who watches a restore, and ends it before a disk is full. */
export interface DiskGuard extends AsyncDisposable {
  /** Aborted where the restore has to end, with the error that says why. */
  readonly signal: AbortSignal;
}

/** What is watched, and can be ended. */
export interface Watched extends AsyncDisposable {
  /** How much it takes by now; null where that cannot be known. */
  takenBytes: () => Promise<number | null>;
  /** Ends its sessions on the server: building an index goes on without a client. */
  endSessions: () => Promise<unknown>;
}

/** A fast disk writes less than the least reserve in that time. */
const everyMs = 100;

/**
 * Watches the disks of a server while something is restored there.
 * @param disks null where they cannot be seen from here
 * @param mostBytes that it may take; null where nobody says it
 */
export function watchDisks(disks: SeenDisk[] | null, mostBytes: number | null, watched: Watched): DiskGuard {
  const ended = new AbortController();
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      const reason = await findReason(disks, mostBytes, watched).catch(() => null);
      if (reason !== null) {
        ended.abort(new OperationalError('DISK_FULL', `${reason} ${aftermath}`));
        await watched.endSessions().catch(() => undefined);
      }
      await delay(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    signal: ended.signal,
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await loop;
      await watched[Symbol.asyncDispose]();
    },
  };
}

const aftermath =
  'So the restore was ended while the server still has room; the live database was not touched, and what had been restored is removed. Free some space on the server and start again.';

async function findReason(disks: SeenDisk[] | null, mostBytes: number | null, { takenBytes }: Watched) {
  for (const [index, { shown, freeBytes }] of (await lookAt(disks ?? [])).entries()) {
    if (freeBytes >= leastFree(disks?.[index])) continue;
    return `Of the disk of ${shown}, only ${formatBytes(freeBytes)} are free by now.`;
  }
  const taken = mostBytes === null || mostBytes === Number.POSITIVE_INFINITY ? null : await takenBytes();
  if (mostBytes === null || taken === null || taken <= mostBytes) return null;
  return `The restore has taken ${formatBytes(taken)} of the server's disk, and may take ${formatBytes(mostBytes)} (--disk).`;
}

/** On a disk that was nearly full to begin with, half of what was free then. */
function leastFree(before: DiskSpace | undefined): number {
  return before === undefined ? 0 : Math.min(reserveOf(before), before.freeBytes / 2);
}
