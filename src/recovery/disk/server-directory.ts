import { open, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

/** The data directory of a server that runs on this machine, and where its absolute paths start. */
export interface ServerDirectory {
  path: string;
  /** Before absolute paths of its own: it may run in a container. */
  root: string;
  /** The path as the server has it. */
  shown: string;
}

/**
 * Finds the data directory of a server on this machine, if it is on this machine. Its process is found by the number that
 * the server gives it; in a container it has that number there, and another one here. Who may not look at processes of
 * others still finds the directory by the path that the server gives. Null where nothing proves that it is this server's.
 */
export async function findServerDirectory(client: pg.Client): Promise<ServerDirectory | null> {
  const { rows } = await client.query<Identity>(identityQuery);
  const [identity] = rows;
  if (identity === undefined) return null;
  return (await findByProcess(identity)) ?? (await findByPath(client, identity));
}

interface Identity {
  pid: number;
  system: string;
  /** In seconds since 1970. */
  started: number;
  /** null where the role may not know it. */
  directory: string | null;
}

const identityQuery = `
  select
    pg_catalog.pg_backend_pid() as pid,
    (select system_identifier::text from pg_catalog.pg_control_system()) as system,
    extract(epoch from pg_catalog.pg_postmaster_start_time())::float8 as started,
    (select setting from pg_catalog.pg_settings where name = 'data_directory') as directory`;

/** Linux alone has it. */
const processes = '/proc';

async function findByProcess(identity: Identity): Promise<ServerDirectory | null> {
  const { pid, directory } = identity;
  const numbers = await readdir(processes).catch(() => []);
  for (const number of numbers.filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(join(processes, number, 'status'), 'utf8').catch(() => '');
    if (Number(/^NSpid:.*?(\d+)$/m.exec(status)?.[1]) !== pid) continue;
    // The session ends before the server does, whose first process has the same directory.
    const first = join(processes, /^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? '');
    const path = join(first, 'cwd');
    if (await isSameServer(path, identity)) return { path, root: join(first, 'root'), shown: directory ?? path };
  }
  return null;
}

/**
 * Every cluster that initdb makes has a number of its own, which its control file starts with. Copies of it have the same, as a
 * standby has: these differ in their directory, or in when they were started. See CreateDataDirLockFile in PostgreSQL's
 * src/backend/utils/init/miscinit.c for what postmaster.pid says.
 */
async function isSameServer(path: string, { system, started, directory }: Identity): Promise<boolean> {
  if ((await readSystem(path)) !== system) return false;
  const [, itsDirectory, itsStart] = (await readFile(join(path, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return (
    (directory === null || directory === itsDirectory) && Math.abs(started - Number(itsStart)) < startsWithinSeconds
  );
}

/** Of the file, and of the server that then says so: it waits for nothing in between. */
const startsWithinSeconds = 10;

async function readSystem(directory: string): Promise<string | null> {
  try {
    await using file = await open(join(directory, 'global/pg_control'));
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.readBigUInt64LE().toString();
  } catch {
    return null;
  }
}

/** The directory of another server can have the same path, but not these moments. */
async function findByPath(client: pg.Client, { directory }: Identity): Promise<ServerDirectory | null> {
  if (directory === null) return null;
  const here = await stat(directory).catch(() => null);
  const there = await client.query<Moments>(momentsQuery).catch(() => null);
  const moments = there?.rows[0];
  if (here === null || moments === undefined) return null;
  const isSame = seconds(here.mtimeMs) === moments.modified && seconds(here.ctimeMs) === moments.changed;
  return isSame ? { path: directory, root: '/', shown: directory } : null;
}

interface Moments {
  modified: number;
  changed: number;
}

const momentsQuery = `
  select
    extract(epoch from modification)::float8 as modified,
    extract(epoch from change)::float8 as changed
  from pg_catalog.pg_stat_file('.')`;

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
