import type pg from 'pg';
import { connect, disconnect, type Connection } from '../../postgres/connection.ts';
import { readDatabaseBytes } from '../../postgres/database-size.ts';
import { watchDisks, type DiskGuard, type Watched } from './guard.ts';
import { readWal } from './read-wal.ts';
import type { SeenDisk } from './room.ts';

/** The disks, null where they cannot be seen from here; and how much a restore may take, null where nobody says it. */
export type GuardLimits = [disks: SeenDisk[] | null, mostBytes: number | null];

/** Watches the disks of a server while a database is filled. */
export async function openGuard(admin: Connection, name: string, ...limits: GuardLimits): Promise<DiskGuard> {
  return watchDisks(...limits, await openWatch(admin, name));
}

/** Has a session of its own: a server in need lets no new one in. */
async function openWatch(admin: Connection, name: string): Promise<Watched> {
  const client = await connect(admin);
  const before = { position: await readWalPosition(client), wal: await readWal(client) };
  const mayGrow = before.wal.isKept ? Infinity : Math.max(0, before.wal.mostBytes - before.wal.presentBytes);
  return {
    async takenBytes() {
      const database = await readDatabaseBytes(client, name);
      const written = (await readWalPosition(client)) - before.position;
      return database === null ? null : database + Math.min(written, mayGrow);
    },
    endSessions: () => client.query(endSessions, [name]),
    [Symbol.asyncDispose]: () => disconnect(client),
  };
}

const endSessions = `
  select pg_catalog.pg_terminate_backend(pid)
  from pg_catalog.pg_stat_activity
  where datname = $1
  and backend_type = 'client backend'`;

async function readWalPosition(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ position: string }>(
    "select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::text as position",
  );
  return Number(rows[0]?.position ?? 0);
}
