import { OperationalError } from '../../system/operational-error.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { readSpace, reserveOf, type Disk, type DiskSpace } from './disks.ts';
import { describeNeed, type DiskNeed } from './need.ts';

/** A disk, with what is free on it. */
export type SeenDisk = Disk & DiskSpace;

/** Looks at disks. */
export function lookAt(disks: Disk[]): Promise<SeenDisk[]> {
  return Promise.all(disks.map(async (disk) => ({ ...disk, ...(await readSpace(disk)) })));
}

/**
 * Sees to it that there is room for a restore, before anything of it is written. Pure.
 * @param disks of the server; null where they cannot be seen from here
 * @throws OperationalError DISK_TOO_SMALL, DISK_NOT_SEEN
 */
export function assertRoom(need: DiskNeed, disks: SeenDisk[] | null): void {
  const takes = `Restoring the backup takes ${describeNeed(need)}.`;
  if (disks === null) throw new OperationalError('DISK_NOT_SEEN', `${takes} ${notSeen(need)}`);
  for (const disk of disks) {
    const { shown, freeBytes, sizeBytes } = disk;
    const reserveBytes = reserveOf(disk);
    if (shareOf(need, disk) <= Math.max(0, freeBytes - reserveBytes)) continue;
    const there = `On the disk of ${shown}, ${formatBytes(freeBytes)} of ${formatBytes(sizeBytes)} are free, of which ${formatBytes(reserveBytes)} are for the live database: a server whose disk is full stops.`;
    throw new OperationalError('DISK_TOO_SMALL', `${takes} ${there} ${tooSmall}`);
  }
}

const tooSmall =
  'Nothing was restored. Free some space there and start again. If you know that the database takes less, add --disk SIZE: the restore is ended before it takes more, and before the disk is full.';

function notSeen({ totalBytes }: DiskNeed): string {
  const size = `${Math.ceil(totalBytes / 1e6)}MB`;
  return `How much is free there cannot be seen from here. Nothing was restored. Look on the server (df -h, in its data directory). Where more than that is free, start again with --disk ${size}: the restore is ended before it takes more.`;
}

function shareOf({ databaseBytes, workBytes, walBytes }: DiskNeed, { holds }: Disk): number {
  return (holds.database ? databaseBytes + workBytes : 0) + (holds.wal ? walBytes : 0);
}
