import type pg from 'pg';
import { readDatabaseBytes } from '../../postgres/database-size.ts';
import { findDisks, type Disk } from './disks.ts';
import type { Sizes } from './need.ts';
import { readWal } from './read-wal.ts';
import { findServerDirectory } from './server-directory.ts';

/** What a server says of its disks, and what can be seen of them from here. */
export interface ServerDisk extends Pick<Sizes, 'liveBytes' | 'wal'> {
  /** null where they cannot be seen. */
  disks: Disk[] | null;
}

/**
 * Looks at the disks of a server.
 * @param live name of the live database
 * @param tablespace that a database is to be in; null for the usual one
 */
export async function readServerDisk(client: pg.Client, live: string, tablespace: string | null): Promise<ServerDisk> {
  const directory = await findServerDirectory(client);
  const oid = tablespace === null ? null : await readTablespace(client, tablespace);
  return {
    disks: directory === null ? null : await findDisks(directory, oid),
    liveBytes: await readDatabaseBytes(client, live),
    wal: await readWal(client),
  };
}

async function readTablespace(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query<{ oid: string }>(
    'select oid::text as oid from pg_catalog.pg_tablespace where spcname = $1',
    [name],
  );
  return rows[0]?.oid ?? '';
}
