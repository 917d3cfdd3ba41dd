import type { DisposableServer, Engine, StartOptions } from '../engine/engine.ts';
import type { LocalPrograms } from '../engine/local-programs.ts';
import { disconnect, type Connection } from '../postgres/connection.ts';
import { assertStartedHere, registerStarted, unregisterStarted } from '../postgres/disposable.ts';
import { clientTools } from '../source/client-tools.ts';
import { describeAddress, readDatabaseUrl, type DatabaseAddress } from '../source/database-url.ts';
import { askServer } from '../source/login.ts';
import { findFittingPrograms } from '../source/url-source.ts';
import type { Environment } from '../system/environment.ts';
import { lazyForwarder } from '../system/forwarder.ts';
import { OperationalError } from '../system/operational-error.ts';
import { assertScratch } from './assert-scratch.ts';
import { keepTarget, type Kept } from './keep-target.ts';
import { Ledger, prepareLedger } from './ledger.ts';
import { markerDatabase } from './marker.ts';
import { assertNotSource } from './not-source.ts';
import { isUsed, readTarget, readWrittenDown } from './read-target.ts';
import { removeMade } from './remove-made.ts';

/** How long a rehearsal waits for another one. */
const longestWaitMs = 15 * 60_000;
const cleanUpWaitMs = 10_000;

export interface TargetOptions {
  environment: Environment;
  /** URLs of the databases that the rehearsal is about. */
  sources: string[];
  /** Receives what must not be shown. */
  secrets: string[];
  /** Tells a person what is waited for, or has been found. */
  say: (message: string, duration?: 'lasting') => void;
  waitMs?: number;
}

/** A target that was looked at, and is one. */
interface Examined {
  address: DatabaseAddress;
  admin: Connection;
  serverVersion: string;
  isSuperuser: boolean;
  programs: LocalPrograms;
}

/**
 * An engine whose servers somebody else provides: nothing is started, and only what a rehearsal makes there is dropped.
 * @throws OperationalError BAD_USAGE, LOGIN_REFUSED, SERVER_LOST, POOLER_IN_BETWEEN, TARGET_NOT_MARKED, TARGET_REFUSED, TOOL_TOO_OLD
 */
export async function openTarget(url: string, options: TargetOptions): Promise<Engine> {
  const examined = await examineTarget(url, options);
  if (examined.admin.password !== '') options.secrets.push(examined.admin.password);
  return {
    name: 'target',
    reason: `the server ${examined.admin.host}:${examined.admin.port} is marked as one for rehearsals`,
    start: (start) => useTarget(examined, start, options),
  };
}

/** Looks at a target, and changes nothing. */
export async function examineTarget(
  url: string,
  { environment, sources }: Pick<TargetOptions, 'environment' | 'sources'>,
): Promise<Examined> {
  const address = await readDatabaseUrl(withDatabase(url), environment);
  const description = `${describeAddress(address.connection)} (the target)`;
  const { connection, version } = await askServer(address.connection, description, 'PGPASSWORD or ~/.pgpass');
  if (connection.pooled === true) {
    const message = `A pooler stands before the target ${connection.host}:${connection.port}. Name the server itself: a rehearsal makes databases, and keeps a session.`;
    throw new OperationalError('POOLER_IN_BETWEEN', message);
  }
  const facts = await readTarget(connection);
  const others = facts.isMarked ? await findOthers(connection, facts.others) : facts.others;
  assertScratch({ ...facts, others }, `${connection.host}:${connection.port}`, connection.user);
  await assertNotSource(connection, facts.system, sources, environment);
  return {
    address,
    admin: { ...connection, database: markerDatabase },
    serverVersion: version,
    isSuperuser: facts.isSuperuser,
    programs: await findFittingPrograms(environment, version),
  };
}

async function findOthers(connection: Connection, databases: string[]): Promise<string[]> {
  const ofEverybody = { ...connection, database: 'postgres' };
  const ours = new Set(await readWrittenDown({ ...connection, database: markerDatabase }));
  const others = databases.filter((name) => !ours.has(name));
  return (await isUsed(ofEverybody)) ? ['postgres', ...others] : others;
}

/** A URL without a database means the one that every server has. */
function withDatabase(url: string): string {
  const [, start = '', path = '', rest = ''] = /^(\w+:\/\/[^/?#]*)(\/?)([^]*)$/.exec(url) ?? [];
  const names = path !== '' && rest !== '' && !rest.startsWith('?');
  return names || /[?&]dbname=/.test(rest) ? url : `${start}/postgres${rest}`;
}

async function useTarget(
  { address, admin, serverVersion, isSuperuser, programs }: Examined,
  { directory, keep, signal, smallDisk }: StartOptions,
  { environment, say, waitMs = longestWaitMs }: TargetOptions,
): Promise<DisposableServer> {
  if (keep || smallDisk === true) throw cannot(keep ? '--keep' : 'A small disk that is filled up');
  const kept = await keepTarget(admin, { waitMs, signal, say });
  try {
    await kept.client.query(prepareLedger);
    const removed = await removeMade(kept.client);
    if (removed.length > 0) say(`removed what a killed rehearsal left on the target: ${removed.join(', ')}`, 'lasting');
  } catch (error) {
    await disconnect(kept.client);
    throw error;
  }
  const ledger = new Ledger(isSuperuser, kept.isHeld);
  const connection = registerStarted(admin, ledger);
  const tools = clientTools({ programs, path: environment.path, home: directory, serverVersion }, address);
  const forwarder = admin.host.startsWith('/') ? lazyForwarder(`${admin.host}/.s.PGSQL.${admin.port}`) : null;
  return {
    engine: 'target',
    serverVersion,
    admin: connection,
    isolation: null,
    image: null,
    imageDigest: null,
    tools: Object.fromEntries(['pg_dump', 'pg_restore', 'psql'].map((tool) => [tool, programs.version])),
    settings: {},
    containerNetwork: null,
    smallDisk: null,
    endCommand: 'the next rehearsal with this target removes it',
    async runTool(call) {
      // Who only reads an archive names no database, and does not connect.
      if (call.database !== '' || call.tool !== 'pg_restore') assertStartedHere({ ...admin, database: call.database });
      return tools.runTool(call);
    },
    openPort: () => forwarder?.start() ?? Promise.resolve({ host: admin.host, port: admin.port }),
    crash: () => Promise.reject(cannot('A crash of the server')),
    async [Symbol.asyncDispose]() {
      await ledger.close();
      unregisterStarted(admin);
      await forwarder?.[Symbol.asyncDispose]();
      await removeAll(kept, admin);
    },
  };
}

/** In the session that keeps the target, or, where that was lost, in another one: nobody else is at work then. */
async function removeAll(kept: Kept, admin: Connection): Promise<void> {
  const { signal } = new AbortController();
  const session = kept.isHeld()
    ? kept
    : await keepTarget(admin, { waitMs: cleanUpWaitMs, signal, say: () => undefined });
  try {
    await removeMade(session.client);
  } finally {
    await disconnect(session.client);
  }
}

function cannot(what: string): OperationalError {
  const message = `${what} takes a server that is started for the rehearsal, and a target is somebody else's. Leave --target out, or say --engine local or --engine docker.`;
  return new OperationalError('TARGET_CANNOT', message);
}
