/** `npm run backup`: takes a backup of a live database, with all that is needed to prove later that it restores. */
import { stat } from 'node:fs/promises';
import { basename, dirname, relative } from 'node:path';
import prettyMilliseconds from 'pretty-ms';
import { chalk } from 'zx';
import { ProgressLine } from '../src/terminal/progress-line.ts';
import { formatBytes } from '../src/terminal/format-bytes.ts';
import { takeBackup, type TakenBackup } from '../src/backup/take-backup.ts';
import type { BackupProgress } from '../src/backup/backup-progress.ts';
import { readBackupSettings, type BackupSettings } from '../src/config/backup-settings.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import { nearby, suggest } from '../src/config/suggest.ts';
import { removeLeftovers } from '../src/files/leftovers.ts';
import { usePrivateDirectory } from '../src/files/private-directory.ts';
import type { Sweep } from '../src/files/drafts.ts';
import { interruption } from '../src/system/interruption.ts';
import { printable } from '../src/terminal/printable.ts';
import { OperationalError } from '../src/system/operational-error.ts';
import { openSource } from '../src/source/open-source.ts';

const help = `Usage: npm run backup -- [flags]

Dumps a live database with pg_dump, and writes beside the dump what the database held in
that very moment, so that a rehearsal can compare exactly. All or nothing: a file with a
backup's name is a whole backup.

  --url URL                where the database is: postgres://user@host:5432/database
  --compose-service NAME   dump inside the container of this Compose service instead
  --compose-project NAME   its project, where several have such a service
  --dir DIR                where the backup goes, in place of the profile's backups.directory
  --config FILE            profile; default: rehearsal.config.ts
  --help                   this text

Every flag has a variable: REHEARSAL_URL, REHEARSAL_COMPOSE_SERVICE, … Keep the password out
of the URL: it is looked for in PGPASSWORD and in the passfile (PGPASSFILE, ~/.pgpass).
pg_dump is looked for in REHEARSAL_PG_BINDIR, if it is set.

Exit status: 0 the backup is there, 2 it is not.`;

const failed = 2;
/** pg_dump of a very large database may take long; what waits for a lock has a limit of its own. */
const dumpTimeoutMs = 24 * 60 * 60_000;

try {
  process.exitCode = await main(readBackupSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof OperationalError ? chalk.red(printable(error.message)) : error);
  process.exitCode = failed;
}

async function main(settings: BackupSettings): Promise<number> {
  if (settings.help) {
    console.log(help);
    return 0;
  }
  const { profile } = await loadProfile(settings.config);
  const environment = readEnvironment();
  const directory = settings.directory ?? profile.backups?.directory;
  if (directory === undefined) {
    throw new OperationalError(
      'BAD_USAGE',
      'Nothing says where the backup goes: give --dir DIR, or set backups.directory.',
    );
  }
  const signal = interruption(() => {
    console.error(chalk.yellow('\n  Interrupted: removing what there is of the backup ...'));
  });
  // A pg_dump that outlived its backup goes before its files do.
  showSweep(await removeLeftovers(environment));
  await using own = await usePrivateDirectory(environment);
  await using source = await openSource(settings, profile, environment, { directory: own.directory, signal });
  console.log(
    `${chalk.bold('restore-rehearsal backup')} of ${printable(source.description)}, PostgreSQL ${source.serverVersion}`,
  );
  const startedAt = performance.now();
  const taken = await withProgress((report) =>
    takeBackup(source, {
      directory,
      ownership: profile.ownership,
      format: profile.backups?.format ?? 'custom',
      compression: profile.backups?.compression,
      limits: { timeoutMs: dumpTimeoutMs, signal },
      report,
    }),
  );
  await show(taken, performance.now() - startedAt, settings);
  return 0;
}

async function withProgress<T>(body: (report: (progress: BackupProgress) => void) => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  let latest: BackupProgress | null = null;
  using line = new ProgressLine(process.stdout, () => describe(latest, performance.now() - startedAt));
  const result = await body((progress) => (latest = progress));
  line.clear();
  return result;
}

function describe(progress: BackupProgress | null, elapsedMs: number): string {
  if (progress === null) return '  waiting for the server, and for locks that others hold';
  const { sizeBytes, table, isDumped } = progress;
  if (isDumped) return `  ${formatBytes(sizeBytes)} dumped, reading what the tables hold`;
  const rate = formatBytes((sizeBytes / Math.max(elapsedMs, 1)) * 1000);
  return `  ${formatBytes(sizeBytes)}, ${rate}/s${table === null ? '' : `, table ${table}`}`;
}

async function show({ set, manifest, swept }: TakenBackup, tookMs: number, { config }: BackupSettings): Promise<void> {
  const { snapshot, bytes, sha256, globals } = manifest;
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  showSweep(swept);
  console.log(`
  ${chalk.green('✔')} ${shorten(set.dump)}
    ${formatBytes(bytes)} in ${prettyMilliseconds(Math.round(tookMs))}, SHA-256 ${sha256.slice(0, 12)}…
    ${snapshot.tables.length} tables and ${rows} rows of ${manifest.takenAt} in ${basename(set.manifest)}
    ${basename(set.checksum)}${globals === null ? '' : `, ${basename(set.globals)}`}`);
  const { mode } = await stat(dirname(set.dump));
  if ((mode & 0o077) !== 0) {
    const text = `Others may look into ${shorten(dirname(set.dump))}: chmod 700 keeps them out. The files themselves are private.`;
    console.log(chalk.yellow(`\n  ${text}`));
  }
  console.log(`\n  rehearse it   ${suggest('rehearse', { backup: nearby(set.dump), config }, ['latest-backup'])}`);
}

/** What stands in the way of this does not stand in the way of a backup. */
function showSweep({ removed, failed }: Sweep): void {
  const list = (names: string[]) => printable(names.join(', '));
  if (removed.length > 0) console.log(chalk.dim(`  removed what a killed run left: ${list(removed)}`));
  if (failed.length > 0) console.log(chalk.yellow(`  could not remove what a killed run left: ${list(failed)}`));
}

function shorten(path: string): string {
  const near = relative(process.cwd(), path);
  return printable(near.startsWith('..') ? path : near);
}
