import { chmod, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Profile } from '../config/profile.ts';
import { syncDirectory, writeSynced } from '../system/durable.ts';
import { explainDumpError } from '../postgres/dump-errors.ts';
import { dumpDatabase, dumpDirectory } from '../postgres/dump.ts';
import { readDatabaseBytes } from '../postgres/database-size.ts';
import { readPaceSettings } from '../postgres/pace-settings.ts';
import { readServerSettings } from '../postgres/server-settings.ts';
import { dumpGlobals } from '../postgres/globals.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import type { CommandResult } from '../system/run-program.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Moment } from '../snapshot/take.ts';
import type { SourceServer } from '../source/source-server.ts';
import type { Encrypting } from './encryption/encrypting.ts';
import type { BackupSet } from './backup-set.ts';
import { checksumLine, hashDump, hashText, type DumpHash } from './checksum.ts';
import { serializeManifest, type Manifest } from './manifest.ts';
import type { BackupProgress } from './backup-progress.ts';

/** What kind of dump is written. */
export interface DumpSettings {
  ownership: Profile['ownership'];
  format: Manifest['format'];
  /** For `pg_dump --compress`; pg_dump decides without. */
  compression: string | undefined;
  /** Whom the dump is encrypted for, on its way to the disk; not at all, if it is left out. */
  encrypting?: Encrypting | null;
}

interface Options extends DumpSettings {
  limits: ToolLimits;
  report?: (progress: BackupProgress) => void;
}

/** Writes all files of a backup, and syncs them. The snapshot is read while pg_dump works. */
export async function writeSet(
  source: SourceServer,
  moment: Moment,
  files: BackupSet,
  options: Options,
): Promise<Manifest> {
  const { ownership, format } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.limits.signal ? [options.limits.signal] : [])]);
  const stopOther = (error: unknown) => {
    stop.abort();
    throw error;
  };
  const limits = { ...options.limits, signal };
  const dumping = dump(source, moment, files.dump, { ...options, limits }).catch(stopOther);
  const reading = moment.read().catch(stopOther);
  const { dumped, snapshot } = await both(dumping, reading);
  await moment.rereadSequences(snapshot);
  const globals = ownership === 'preserve' ? await writeGlobals(source, files.globals, limits) : null;
  const manifest: Manifest = {
    schemaVersion: 1,
    database: source.connection.database,
    takenAt: moment.takenAt.toISOString(),
    sha256: dumped.sha256,
    bytes: dumped.sizeBytes,
    format,
    serverVersion: source.serverVersion,
    dumpVersion: source.dumpVersion,
    ownership,
    globals,
    serverSettings: await readServerSettings(moment.client),
    paceSettings: await readPaceSettings(moment.client),
    source: source.description,
    ...(options.encrypting && { encryption: options.encrypting.encryption }),
    databaseBytes: await readDatabaseBytes(moment.client, source.connection.database),
    snapshot,
  };
  await writeSynced(files.checksum, dumped.checksumText, 0o600);
  await writeSynced(files.manifest, serializeManifest(manifest), 0o600);
  return manifest;
}

/** What failed first is the reason; the other was ended for it. */
async function both<Dumped>(dumping: Promise<Dumped>, reading: Promise<Snapshot>) {
  const first = await Promise.race(
    [dumping, reading].map((each) =>
      each.then(
        () => null,
        (error: unknown) => ({ error }),
      ),
    ),
  );
  const [dumped, snapshot] = await Promise.allSettled([dumping, reading]);
  if (first !== null) throw first.error;
  if (dumped.status === 'rejected') throw dumped.reason;
  if (snapshot.status === 'rejected') throw snapshot.reason;
  return { dumped: dumped.value, snapshot: snapshot.value };
}

async function dump(source: SourceServer, { id, encoding }: Moment, path: string, options: Options): Promise<DumpHash> {
  const { format, compression, encrypting, limits, report } = options;
  const progress: BackupProgress = { sizeBytes: 0, table: null, isDumped: false };
  const advance = (changes: Partial<BackupProgress>) => {
    Object.assign(progress, changes);
    report?.({ ...progress });
  };
  const watch = {
    encoding,
    ...(encrypting && { through: encrypting.through }),
    selection: ['--verbose', ...(compression === undefined ? [] : [`--compress=${compression}`])],
    observeStderr: findTables((table) => {
      advance({ table });
    }),
    onProgress: (sizeBytes: number) => {
      advance({ sizeBytes });
    },
  };
  const { connection } = source;
  if (format === 'directory') {
    assertWritesHere(source);
    if (encrypting) throw notEncrypted();
    assertDumped(await dumpDirectory(source, connection, id, path, limits, watch), source);
    await syncTree(path);
    const hash = await hashDump(path);
    advance({ sizeBytes: hash.sizeBytes, isDumped: true });
    return hash;
  }
  const result = await dumpDatabase(source, connection, id, path, limits, watch);
  assertDumped(result, source);
  await sync(path);
  advance({ isDumped: true });
  return { ...result, checksumText: checksumLine(result.sha256, basename(path)) };
}

/** Finds the table that pg_dump is at in what it says, which comes in pieces. */
function findTables(see: (table: string) => void): (text: string) => void {
  let unfinished = '';
  return (text) => {
    const lines = `${unfinished}${text}`.split('\n');
    unfinished = lines.pop() ?? '';
    const table = lines
      .map((line) => /dumping contents of table "(.+)"$/.exec(line)?.[1])
      .findLast((name) => name !== undefined);
    if (table !== undefined) see(table);
  };
}

function assertWritesHere({ writesHere }: SourceServer): void {
  if (writesHere) return;
  const message =
    'backups.format "directory" needs a URL: pg_dump writes into a directory of its own machine. Use "custom" for a Compose service.';
  throw new OperationalError('PROFILE_INVALID', message);
}

function notEncrypted(): OperationalError {
  const message =
    'backups.encrypt needs backups.format "custom": pg_dump itself writes the files of a directory, and they would be on the disk as they are.';
  return new OperationalError('PROFILE_INVALID', message);
}

function assertDumped(result: CommandResult, { secrets, connection }: SourceServer): void {
  if (result.exitCode === 0) return;
  const failed = 'The database could not be dumped';
  throw explainDumpError(result, { failed, secrets, role: connection.user, otherwise: 'DUMP_FAILED' });
}

async function writeGlobals(source: SourceServer, file: string, limits: ToolLimits): Promise<Manifest['globals']> {
  const result = await dumpGlobals(source, source.connection, limits);
  assertDumped(result, source);
  await writeSynced(file, result.stdout, 0o600);
  return { sha256: hashText(result.stdout), bytes: Buffer.byteLength(result.stdout) };
}

/** pg_dump syncs what it writes, but gives it the modes that the umask leaves. */
async function syncTree(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    await chmod(join(directory, name), 0o600);
    await sync(join(directory, name));
  }
  await syncDirectory(directory);
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  if ((await stat(file)).size === 0) throw new OperationalError('DUMP_FAILED', `pg_dump wrote nothing into ${file}.`);
}
