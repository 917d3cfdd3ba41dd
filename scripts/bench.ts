/** `npm run bench`: measures what docs/proof.md says of speed again, on this machine. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { chalk } from 'zx';
import { takeBackup } from '../src/backup/take-backup.ts';
import { readEnvironment } from '../src/system/environment.ts';
import { detectEngine } from '../src/engine/detect.ts';
import type { DisposableServer } from '../src/engine/engine.ts';
import { withClient, type Connection } from '../src/postgres/connection.ts';
import { createDatabase, createRoleAndDatabase } from '../src/postgres/database.ts';
import { dumpDatabase } from '../src/postgres/dump.ts';
import { sealDump } from '../src/backup/seal-dump.ts';
import { restoreDatabase } from '../src/postgres/restore.ts';
import { listRelations } from '../src/snapshot/catalog.ts';
import { digestQuery } from '../src/snapshot/digest-query.ts';
import { compareSnapshots } from '../src/snapshot/compare.ts';
import { pinSettings } from '../src/snapshot/pinned-settings.ts';
import { openSnapshot, takeSnapshot } from '../src/snapshot/take.ts';
import type { SourceServer } from '../src/source/source-server.ts';

const help = `Usage: npm run bench -- [--rows N] [--engine local|docker] [--image IMAGE]

Fills a disposable server with N bookings (default 5 000 000) and measures, with the same session settings,
count(*) against the digest of all columns, the bare commands against a rehearsal's own steps, and against a backup.`;

const runs = 3;
const limits = { timeoutMs: 30 * 60_000 };

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? chalk.red(error.message) : error);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '5000000' },
      engine: { type: 'string', default: 'local' },
      image: { type: 'string', default: 'postgres:16-alpine' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1) throw new Error(`--rows takes a whole number, not "${values.rows}".`);
  if (values.engine !== 'local' && values.engine !== 'docker') throw new Error('--engine takes local or docker.');

  const directory = await mkdtemp(join(tmpdir(), 'restore-rehearsal-bench-'));
  try {
    await chmod(directory, 0o711);
    await using server = await start(values.engine, values.image, directory);
    await measure(server, directory, rows);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function start(engine: 'local' | 'docker', image: string, directory: string): Promise<DisposableServer> {
  const { signal } = new AbortController();
  const chosen = await detectEngine({ engine, image }, readEnvironment(), signal);
  console.log(`${chosen.name}: ${chosen.reason}`);
  return chosen.start({
    id: basename(directory).toLowerCase(),
    directory,
    admin: { user: 'rehearsal_admin', password: randomBytes(12).toString('hex') },
    forContainers: false,
    keep: false,
    signal,
  });
}

async function measure(server: DisposableServer, directory: string, rows: number): Promise<void> {
  const source: Connection = {
    ...server.admin,
    user: 'bench',
    password: randomBytes(12).toString('hex'),
    database: 'bench',
  };
  await createRoleAndDatabase(server.admin, source);
  const sizeMb = await fill(source, rows);
  console.log(`${rows} rows, ${sizeMb} MB, one table of 8 columns\n`);

  const counts = await time('count(*)', () => query(source, 'select count(*) from bookings'));
  const digest = await time('digest of all columns', () => runDigest(source));
  console.log(`  the digest takes ${(digest / counts).toFixed(1)} times as long as count(*)\n`);

  const asAdmin = { ...server.admin, database: source.database };
  const options = { ...limits, runner: server, ownership: 'runbook' } as const;
  const memory = watchMemory();
  await using reference = await openSnapshot(asAdmin, options);
  const file = join(directory, 'bench.dump');
  const bare = await time('pg_dump, its output thrown away', () => bareDump(server, source), 1);
  const backup = await time('backup, with all that proves it', () => backUp(server, source, directory), 1);
  console.log(
    `  the backup takes ${(backup / (bare + digest)).toFixed(2)} times as long as the bare command and the digest`,
  );
  console.log(`  largest resident size of this process so far: ${memory()} MB`);
  const dump = await time('dump with SHA-256', () => dumpDatabase(server, source, reference.id, file, limits), 1);
  console.log(`  the dump takes ${(dump / bare).toFixed(2)} times as long as the bare command`);
  const target = { ...source, database: 'bench_restored' };
  await createDatabase(server.admin, target);
  const sealed = await sealDump(file, directory);
  await time('pg_restore', () => restoreDatabase(server, target, sealed, limits), 1);
  const restored = { ...server.admin, database: target.database };
  await time(
    'comparison of everything',
    async () => {
      const differences = compareSnapshots(reference.snapshot, await takeSnapshot(restored, options));
      if (differences.length > 0) throw new Error(`${differences.length} differences were found.`);
    },
    1,
  );
  console.log(`  largest resident size of this process: ${memory()} MB`);
}

async function fill(source: Connection, rows: number): Promise<number> {
  return withClient(source, async (client) => {
    await client.query(`
      create table public.bookings (
        id integer primary key, master_id integer, client_id bigint, service varchar(32), slot_start timestamptz,
        slot_end timestamptz, active boolean, note text
      )`);
    await client.query(
      `insert into public.bookings
      select n, n % 97, n::bigint * 7919 % 1000003, (array['haircut', 'beard', 'haircut_beard'])[n % 3 + 1],
        timestamptz '2026-01-01' + n * interval '1 minute', timestamptz '2026-01-01' + n * interval '1 minute 30 seconds',
        n % 2 = 0, md5(n::text)
      from generate_series(1, $1::integer) as n`,
      [rows],
    );
    await client.query('vacuum analyze public.bookings');
    const size = await client.query<{ mb: number }>(
      "select (pg_total_relation_size('public.bookings') / 1024 / 1024)::integer as mb",
    );
    return size.rows[0]?.mb ?? 0;
  });
}

async function query(connection: Connection, sql: string): Promise<void> {
  await withClient(connection, async (client) => {
    await pinSettings(client);
    await client.query(sql);
  });
}

async function runDigest(connection: Connection): Promise<void> {
  await withClient(connection, async (client) => {
    await pinSettings(client);
    const [relation] = await listRelations(client);
    if (relation === undefined) throw new Error('There is no table.');
    await client.query(digestQuery(relation.qualifiedName, relation.columns));
  });
}

async function bareDump(server: DisposableServer, source: Connection): Promise<void> {
  const consumeStdout = async (stdout: Readable) => {
    await finished(stdout.resume());
  };
  await server.runTool({ tool: 'pg_dump', args: ['--format=custom'], ...source, ...limits, consumeStdout });
}

async function backUp(server: DisposableServer, connection: Connection, directory: string): Promise<void> {
  const source: SourceServer = {
    connection,
    runTool: server.runTool,
    serverVersion: server.serverVersion,
    dumpVersion: server.tools['pg_dump'] ?? 'unknown',
    description: 'the server of this benchmark',
    writesHere: false,
    secrets: [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const backups = join(directory, 'backups');
  await takeBackup(source, {
    directory: backups,
    ownership: 'runbook',
    format: 'custom',
    compression: undefined,
    limits,
  });
  await rm(backups, { recursive: true });
}

/** Runs something a few times, prints the median and returns it, in milliseconds. */
async function time(what: string, work: () => Promise<unknown>, times = runs): Promise<number> {
  const taken: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const startedAt = performance.now();
    await work();
    taken.push(performance.now() - startedAt);
  }
  const median = taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 2)] ?? 0;
  console.log(`  ${what.padEnd(34)} ${prettyMilliseconds(median, { keepDecimalsOnWholeSeconds: true }).padStart(8)}`);
  return median;
}

function watchMemory(): () => number {
  let largest = 0;
  const sample = () => {
    largest = Math.max(largest, process.memoryUsage.rss());
  };
  setInterval(sample, 20).unref();
  return () => {
    sample();
    return Math.round(largest / 1024 / 1024);
  };
}
