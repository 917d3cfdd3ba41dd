import { readdir, readlink, stat, statfs } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { ServerDirectory } from './server-directory.ts';

/** A disk of the server, as far as it can be seen from here. */
export interface Disk {
  /** The place on it that is looked at. */
  path: string;
  /** As the server has it. */
  shown: string;
  holds: { database: boolean; wal: boolean };
}

/** How much is free on a disk. */
export interface DiskSpace {
  freeBytes: number;
  sizeBytes: number;
}

/**
 * The disks that a restore writes to, each once: that of the database, that of the WAL, and those of other tablespaces, into
 * which a dump may put tables. Null where one of the first two cannot be seen.
 * @param tablespace oid of the one that the database is in; null for the usual one
 */
export async function findDisks(directory: ServerDirectory, tablespace: string | null): Promise<Disk[] | null> {
  const tablespaces = await readdir(join(directory.path, 'pg_tblspc')).catch(() => []);
  const places = [
    { name: 'base', database: tablespace === null, wal: false },
    { name: 'pg_wal', database: false, wal: true },
    ...tablespaces.map((oid) => ({ name: `pg_tblspc/${oid}`, database: oid === tablespace, wal: false })),
  ];
  const disks = new Map<number, Disk>();
  for (const { name, ...holds } of places) {
    const place = await look(directory, name);
    if (place === null) {
      if (holds.database || holds.wal) return null;
      continue;
    }
    const known = disks.get(place.device);
    if (known === undefined) disks.set(place.device, { path: place.path, shown: directory.shown, holds });
    else known.holds = { database: known.holds.database || holds.database, wal: known.holds.wal || holds.wal };
  }
  const found = [...disks.values()];
  return found.some(({ holds }) => holds.database) ? found : null;
}

async function look(directory: ServerDirectory, name: string): Promise<{ path: string; device: number } | null> {
  const path = await follow(directory, name);
  try {
    return { path, device: (await stat(path)).dev };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') return null;
    // Only the server may look into its directory, but everybody may ask what disk that is on.
    const { dev } = await stat(directory.path);
    return { path: directory.path, device: dev };
  }
}

/** A link in a container leads to a path of the container. */
async function follow({ path, root }: ServerDirectory, name: string): Promise<string> {
  const place = join(path, name);
  const target = await readlink(place).catch(() => null);
  if (target === null) return place;
  return isAbsolute(target) ? join(root, target) : join(path, name, '..', target);
}

/** What others than the superuser of the machine may use: servers do not run as that. */
export async function readSpace({ path }: Disk): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}

const leastReserveBytes = 64 * 1024 * 1024;
const mostReserveBytes = 1024 * 1024 * 1024;

/** What stays free for those who work with the server: without it, PostgreSQL stops. Pure. */
export function reserveOf({ sizeBytes }: DiskSpace): number {
  return Math.round(Math.min(mostReserveBytes, Math.max(leastReserveBytes, sizeBytes / 20)));
}
