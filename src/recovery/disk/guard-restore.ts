import type { RecoveryServer } from '../recovery-server.ts';
import type { RecoveryRequest } from '../request.ts';
import type { DiskGuard } from './guard.ts';
import { estimateNeed, type Sizes } from './need.ts';
import { assertRoom, lookAt } from './room.ts';

/** Starts to watch the restore into a database. */
export type StartGuard = (name: string) => Promise<DiskGuard>;

/**
 * Sees to it that there is room for a restore, before anything of it is written.
 * @param tablespace that the restored database is to be in; null for the usual one
 * @returns what starts the guard over it
 * @throws OperationalError DISK_TOO_SMALL, DISK_NOT_SEEN
 */
export async function prepareDisk(
  server: RecoveryServer,
  request: RecoveryRequest,
  tablespace: string | null,
): Promise<StartGuard> {
  const { mostDiskBytes = null } = request;
  const { disks, liveBytes, wal } = await server.readDisk(tablespace);
  const before = disks === null ? null : await lookAt(disks);
  if (mostDiskBytes === null) assertRoom(estimateNeed({ liveBytes, wal, ...sizesOf(request) }), before);
  return (name) => server.openGuard(name, before, mostDiskBytes);
}

function sizesOf({ backup }: RecoveryRequest): Pick<Sizes, 'backedUpBytes' | 'dump'> {
  const { examination, dump, format } = backup;
  const sizeBytes = dump.seal?.sizeBytes ?? examination.sizeBytes;
  return {
    backedUpBytes: examination.manifest?.databaseBytes ?? null,
    dump: { sizeBytes, isPacked: format.name === 'custom' || format.name === 'directory' },
  };
}
