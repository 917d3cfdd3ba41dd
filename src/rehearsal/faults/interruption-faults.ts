import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DisposableServer } from '../../engine/engine.ts';
import { connect, disconnect } from '../../postgres/connection.ts';
import { assertStartedHere, withDisposable } from '../../postgres/disposable.ts';
import { createRoleAndDatabase } from '../../postgres/database.ts';
import { createRoles } from '../../postgres/globals.ts';
import { createReader } from '../../postgres/reader.ts';
import type { BackupCopy } from './backup-copy.ts';
import { NotPossibleHere, type Fault } from './fault.ts';
import { ServedDatabase } from '../served-database.ts';
import { specimenRole, specimenSchema } from './specimens.ts';

const common = { kind: 'target', before: 'restore', failsAt: 'restore', verdict: 'could-not-run' } as const;

/** Restores that do not come to their end, for which the backup is not to blame. */
export const interruptionFaults: Fault[] = [
  {
    ...common,
    name: 'the connection is cut during the restore',
    finding: 'CONNECTION_LOST',
    damage: (copy) =>
      duringRestore(copy, async () => {
        await withDisposable(copy.served.server.admin, (client) => client.query(endWaiting, [copy.site.name]));
      }),
  },
  {
    ...common,
    name: 'the restore is not done at its deadline',
    finding: 'TOOL_TIMED_OUT',
    async damage(copy) {
      copy.setToolTimeout(1500);
      await duringRestore(copy, () => Promise.resolve());
    },
  },
  {
    ...common,
    name: 'the server is killed during the restore',
    finding: 'SERVER_LOST',
    async damage(copy) {
      const server = await startAnotherServer(copy);
      await duringRestore(copy, () => server.crash());
    },
  },
  {
    ...common,
    name: 'the disk is full during the restore',
    finding: 'DISK_FULL',
    damage: moveToFullDisk,
  },
];

/**
 * Holds the restore up halfway: it has to wait for a transaction that has made a schema of the same name and stays open.
 * When it waits, `act` is called.
 */
async function duringRestore(copy: BackupCopy, act: () => Promise<void>): Promise<void> {
  assertStartedHere(copy.site.asAdmin);
  const blocker = await connect(copy.site.asAdmin);
  await blocker.query(`begin; create schema ${specimenSchema}`);
  const rehearsed = new AbortController();
  const acted = untilWaiting(copy, rehearsed.signal).then((waits) => (waits ? act() : undefined));
  await copy.run.use('transaction that holds the restore up', {
    async [Symbol.asyncDispose]() {
      rehearsed.abort();
      await disconnect(blocker);
      await acted;
    },
  });
  // Whether it acted shows in what becomes of the restore; why it did not is said when it is disposed of.
  acted.catch(() => undefined);
}

async function untilWaiting(copy: BackupCopy, rehearsed: AbortSignal): Promise<boolean> {
  return withDisposable(copy.served.server.admin, async (client) => {
    while (!rehearsed.aborted) {
      const { rowCount } = await client.query(findWaiting, [copy.site.name]);
      if (rowCount !== 0) return true;
      await delay(20);
    }
    return false;
  });
}

const findWaiting = `
  select pid
  from pg_catalog.pg_stat_activity
  where datname = $1
  and wait_event_type = 'Lock'`;

const endWaiting = `
  select pg_catalog.pg_terminate_backend(pid)
  from pg_catalog.pg_stat_activity
  where datname = $1
  and wait_event_type = 'Lock'`;

/** A server that nobody else needs, with what the stages before this one have made on the first. */
async function startAnotherServer(copy: BackupCopy): Promise<DisposableServer> {
  const { run, served } = copy;
  const { logins, profile } = served.drill;
  const directory = join(run.directory, 's');
  // The account that the server runs under has to pass through.
  await chmod(run.directory, 0o711);
  await mkdir(directory, { mode: 0o711 });
  const started = await served.engine.start({
    id: `${run.id}-${copy.site.name.replaceAll('_', '-')}`,
    directory,
    admin: logins.admin,
    forContainers: false,
    keep: false,
    signal: run.signal,
  });
  const server = await run.use('another server', started);
  copy.served = new ServedDatabase(served.drill, server, served.engine);
  await createReader(server.admin, logins.reader);
  await createRoles(server.admin, [...profile.roles, specimenRole]);
  await createRoleAndDatabase(server.admin, copy.site.asOwner);
  return server;
}

/** Moves the empty database to a disk of its own, and leaves it too little space for what is to be restored. */
async function moveToFullDisk(copy: BackupCopy): Promise<void> {
  const { admin, smallDisk } = copy.served.server;
  if (smallDisk === null) throw new NotPossibleHere('a small disk cannot be had on this system');
  await copy.run.use('small disk', {
    [Symbol.asyncDispose]: () =>
      withDisposable(admin, async (client) => {
        await client.query('drop database if exists filler with (force)');
        await client.query(`drop database if exists ${pg.escapeIdentifier(copy.site.name)} with (force)`);
        await client.query('drop tablespace if exists small');
      }),
  });
  await withDisposable(admin, async (client) => {
    await client.query(`create tablespace small location ${pg.escapeLiteral(smallDisk)}`);
    await client.query(`alter database ${pg.escapeIdentifier(copy.site.name)} set tablespace small`);
    await client.query('create database filler tablespace small');
  });
  await withDisposable({ ...admin, database: 'filler' }, async (client) => {
    await client.query('create table public.filler (bytes text)');
    await client.query('alter table public.filler alter bytes set storage external');
    while (await fits(client)) continue;
  });
}

/** Writes some more. Resolves with whether there was space for it. */
async function fits(client: pg.Client): Promise<boolean> {
  try {
    await client.query(
      "insert into public.filler select pg_catalog.repeat('x', 8000) from pg_catalog.generate_series(1, 8)",
    );
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === diskFull) return false;
    throw error;
  }
}

const diskFull = '53100';
