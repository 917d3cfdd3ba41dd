/** `npm run restore`: restores a backup beside the live database of a real server, and lets it take its place. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import pg from 'pg';
import prettyMilliseconds from 'pretty-ms';
import { chalk } from 'zx';
import { backupSet } from '../src/backup/backup-set.ts';
import { formatBytes } from '../src/terminal/format-bytes.ts';
import { ProgressLine } from '../src/terminal/progress-line.ts';
import { readEnvironment } from '../src/config/environment.ts';
import type { BackupFinding } from '../src/format/backup-finding.ts';
import type { DecompressionLimits } from '../src/format/compression.ts';
import { readBackup } from '../src/restore/read-backup.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import { readRestoreSettings, type RestoreSettings } from '../src/config/restore-settings.ts';
import { nearby, suggest } from '../src/config/suggest.ts';
import { usePrivateDirectory } from '../src/files/private-directory.ts';
import { interruption } from '../src/system/interruption.ts';
import { printable } from '../src/terminal/printable.ts';
import { compareWithLive, type TableDifference } from '../src/recovery/live-differences.ts';
import { RecoveryServer } from '../src/recovery/recovery-server.ts';
import { describeCost, type Telling } from '../src/recovery/describe-rights.ts';
import type { RecoveryRequest } from '../src/recovery/request.ts';
import { restoreBeside, type RestoredBeside } from '../src/recovery/restore-beside.ts';
import { isFree, readRightsCost, type RightsCost } from '../src/recovery/rights-cost.ts';
import { findDone, rollBack, switchOver, type Switched } from '../src/recovery/switch-over.ts';
import { readDatabase } from '../src/recovery/verify.ts';
import { describeManifestAge } from '../src/snapshot/manifest-age.ts';
import { OperationalError } from '../src/system/operational-error.ts';
import { readDatabaseUrl, urlWithoutPassword } from '../src/source/database-url.ts';

const help = `Usage: npm run restore -- --backup FILE --url ADMIN_URL [--switch | --rollback]

Restores a backup into a new database beside the live one, compares it with the backup's
manifest, and shows what differs from the live database, which goes on serving. Each step
can be run again after an interruption, and the live name always leads to a database.

  --backup FILE   the dump (.dump), with its manifest beside it
  --url URL       any other database of the server, as a role that may create databases,
                  give them to the owner of the live one, rename them and end sessions:
                  postgres://postgres@host:5432/postgres
  --switch        let the restored database take the name of the live one, in one
                  transaction; the old one is kept. Restores first where that is to be done
  --accept-lost-rights
                  switch though roles lose rights on what is in the database by it, or get
                  rights that are not theirs now: both are listed, and refused without this
  --all-rights    list all of those rights, not only the first
  --rollback      let the kept database have its name back; needs no --backup
  --config FILE   profile, which names the live database; default: rehearsal.config.ts
  --help          this text

Every flag has a variable: REHEARSAL_BACKUP, REHEARSAL_URL, … Keep the password out of the
URL: it is looked for in PGPASSWORD and in the passfile (PGPASSFILE, ~/.pgpass).
pg_restore is looked for in REHEARSAL_PG_BINDIR, if it is set.

What a dump holds is code. It is run and read by roles that are made for it, have no rights
but in the new database, and are gone afterwards. They log in with a password, which
pg_hba.conf has to let them do. A role in --url that is no superuser needs CREATEROLE, too,
and from version 16 on pg_read_all_data with the right to grant it.

Exit status: 0 done and verified, 1 the backup or what was restored of it is not what the
manifest says (nothing is switched then), 2 it could not be done, or a switch was refused.`;

const notVerified = 1;
const failed = 2;
/** Restoring a very large database may take long; what waits for a lock has a limit of its own. */
const restoreTimeoutMs = 24 * 60 * 60_000;

const words: Record<TableDifference['what'], string> = {
  'only live': 'only in the live database',
  'only restored': 'only in the restored database',
  'other number': '',
  'other rows': 'as many rows, but not the same',
};

process.exitCode = failed;
try {
  process.exitCode = await main(readRestoreSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof OperationalError ? chalk.red(printable(error.message)) : error);
  process.exitCode = failed;
}

async function main(settings: RestoreSettings): Promise<number> {
  if (settings.action === 'help') {
    console.log(help);
    return 0;
  }
  const { profile } = await loadProfile(settings.config);
  const environment = readEnvironment();
  const { path } = environment;
  const address = await readDatabaseUrl(settings.url, environment.databasePassword);
  const next = nextCommand(settings, urlWithoutPassword(address));
  const signal = interruption();
  await using own = await usePrivateDirectory(environment);
  const limits = { timeoutMs: restoreTimeoutMs, signal };
  const isRestored = settings.backup !== null && settings.action !== 'rollback';
  const backup = isRestored ? await openBackup(settings.backup ?? '', own.directory, { ...limits, path }) : null;
  if (backup !== null && 'unreadable' in backup) return showRefused([backup.unreadable]);
  const request = backup === null ? null : { backup, profile, limits, say };
  await using server = await RecoveryServer.openAddress(profile.database.name, address, environment, own.directory);
  const where = printable(`beside ${server.live}, ${server.description}`);
  console.log(`${chalk.bold('restore-rehearsal restore')} ${where}, PostgreSQL ${server.serverVersion}\n`);
  if (request === null) return showRollback(await rollBack(server, new Date()), server);
  if (settings.action === 'switch') {
    const done = await findDone(server, request.backup.examination.sha256);
    if (done !== null) return showDone(server, done.kept, next);
  }
  warnOfSuperuser(request);
  const restored = await withProgress(server, request);
  if (restored.verdict === 'refused') return showRefused(restored.findings);
  showRestored(restored, server, request);
  if (restored.verdict === 'different') return showDifferent(restored);
  const cost = await readRightsCost(server, restored.name, signal);
  const telling = { live: server.live, all: settings.allRights };
  if (restored.verdict === 'not-compared') {
    showCost(cost, telling);
    return showNotCompared(restored, request);
  }
  if (settings.action === 'switch')
    return await switchTo(server, restored, { cost, accepted: settings.acceptLostRights }, telling, next);
  await showLive(server, restored, request);
  showCost(cost, telling);
  console.log(`\n  let it take its place   ${next('--switch')}${isFree(cost) ? '' : ' --accept-lost-rights'}`);
  return 0;
}

/** What a switch costs is told before it is refused, or once it is done. */
async function switchTo(
  server: RecoveryServer,
  restored: Restored,
  rights: { cost: RightsCost; accepted: boolean },
  telling: Telling,
  next: Next,
): Promise<number> {
  if (!rights.accepted) showCost(rights.cost, telling);
  const switched = await switchOver(server, restored, new Date(), rights);
  showSwitch(switched, server, next);
  if (rights.accepted) showCost(rights.cost, { ...telling, done: true });
  return 0;
}

function warnOfSuperuser({ profile }: RecoveryRequest): void {
  if (profile.restoreAs !== 'superuser') return;
  warn('The profile says restoreAs: "superuser": what the dump holds is run with all rights of this server.');
}

async function withProgress(server: RecoveryServer, request: RecoveryRequest): Promise<RestoredBeside> {
  const sizeBytes = request.backup.dump.seal?.sizeBytes ?? request.backup.examination.sizeBytes;
  let readBytes: number | null = null;
  using line = new ProgressLine(process.stdout, () => {
    if (readBytes === null) return null;
    const percent = Math.floor((readBytes / Math.max(sizeBytes, 1)) * 100);
    return `  ${formatBytes(readBytes)} of ${formatBytes(sizeBytes)} read, ${percent} %`;
  });
  const sayBelow = (what: string) => {
    line.clear();
    readBytes = null;
    say(what);
  };
  const onProgress = (bytes: number) => {
    if (bytes === sizeBytes) {
      sayBelow('the dump is read; indexes and constraints are being built');
      return;
    }
    readBytes = bytes;
  };
  return await restoreBeside(server, { ...request, say: sayBelow, onProgress });
}

type Next = (action: '--switch' | '--rollback' | null) => string;

/** A command to be typed next, as it has to be typed. */
function nextCommand({ config, backup }: RestoreSettings, url: string): Next {
  return (action) => {
    const dump = action === '--rollback' ? null : backup && nearby(backup);
    const flags = { switch: action === '--switch', rollback: action === '--rollback' };
    return suggest('restore', { backup: dump, url, config, ...flags });
  };
}

async function openBackup(dump: string, directory: string, limits: DecompressionLimits) {
  const there = await stat(dump).catch(() => null);
  if (there === null) {
    throw new OperationalError('BACKUP_NOT_FOUND', `There is no backup ${dump}. Name its dump with --backup FILE.`);
  }
  return readBackup(backupSet(dump), directory, limits);
}

function say(what: string): void {
  console.log(chalk.dim(`  ${printable(what)}`));
}

function showRefused(findings: BackupFinding[]): number {
  console.log(chalk.red('\n  The backup cannot be relied on; nothing was restored.'));
  for (const { rule, message, remedy } of findings) showFinding(rule, message, remedy);
  return notVerified;
}

type Restored = Extract<RestoredBeside, { name: string }>;

function showRestored(restored: Restored, { live }: RecoveryServer, { backup }: RecoveryRequest): void {
  const { name, reused, snapshot, verdict, findings } = restored;
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  const mark = verdict === 'verified' ? chalk.green('✔') : chalk.red('✖');
  const again = verdict === 'not-compared' ? '' : ', and compared again';
  const how = reused ? `was restored before${again}` : 'was restored';
  console.log(`\n  ${mark} ${printable(name)} ${how}: ${snapshot.tables.length} tables, ${rows} rows`);
  if (verdict === 'verified') console.log(`    it is equal to the manifest; ${printable(live)} was not touched`);
  const { manifest } = backup.examination;
  const age = manifest === null ? [] : describeManifestAge(manifest.snapshot);
  for (const { message, remedy } of age) warn(`${message} ${remedy}`);
  for (const { severity, message, remedy } of findings) {
    if (severity === 'warning') warn(`${message} ${remedy}`);
  }
}

function showNotCompared({ name }: Restored, { backup }: RecoveryRequest): number {
  warn(
    `There is no manifest beside ${basename(backup.set.dump)}, so nothing says whether ${name} is complete, and it is not switched to. Look into it: it stays, and is used again when the manifest is there. When it is what you need, exchange the names by hand with ALTER DATABASE … RENAME TO …`,
  );
  return failed;
}

function showDifferent({ name, findings }: Restored): number {
  for (const { rule, severity, message, remedy } of findings) {
    if (severity === 'error') showFinding(rule, message, remedy);
  }
  const hint = printable(dropStatement(name));
  console.log(chalk.red(`\n  It is not equal to the manifest and is not switched to. To remove it: ${hint}`));
  return notVerified;
}

function showFinding(rule: string, message: string, remedy: string): void {
  console.log(`\n  ${chalk.red(rule)}  ${printable(message)}\n    ${printable(remedy)}`);
}

function warn(text: string): void {
  console.log(chalk.yellow(`\n  ${printable(text)}`));
}

function showCost(cost: RightsCost, telling: Telling): void {
  const lines = describeCost(cost, telling).map((line) => `  ${printable(line)}`);
  console.log(`\n${isFree(cost) ? lines.join('\n') : chalk.yellow(lines.join('\n'))}`);
}

/** What the live database is like does not stand in the way: it may be the reason for all this. */
async function showLive(server: RecoveryServer, { snapshot }: Restored, { limits }: RecoveryRequest): Promise<void> {
  const { live } = server;
  if ((await server.readFacts(live)) === null) {
    warn(`There is no database ${live} at present.`);
    return;
  }
  say(`comparing with ${live}, which is only read`);
  const reading = { ownership: 'runbook', digestVersion: snapshot.digestVersion } as const;
  const there = await readDatabase(server, live, reading, limits).catch((error: unknown) => {
    if (limits.signal?.aborted === true) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    warn(`${live} could not be read, and so is not compared: ${reason}`);
    return null;
  });
  if (there !== null) showTables(compareWithLive(there, snapshot));
}

function showTables(differences: TableDifference[]): void {
  if (differences.length === 0) {
    console.log('\n  The live database holds the same rows.');
    return;
  }
  const rows = [
    ['table', 'live', 'restored', ''] as const,
    ...differences.map(({ name, live, restored, what }) => {
      return [printable(name.replace(/\s+/g, ' ')), show(live), show(restored), words[what]] as const;
    }),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const digits = Math.max(...rows.flatMap(([, live, restored]) => [live.length, restored.length]));
  console.log();
  for (const [name, live, restored, what] of rows) {
    console.log(`  ${name.padEnd(width)}  ${live.padStart(digits)}  ${restored.padStart(digits)}  ${what}`.trimEnd());
  }
}

function show(rows: number | null): string {
  return rows === null ? '-' : String(rows);
}

function showSwitch({ putAside, exchanged, warnings }: Switched, { live }: RecoveryServer, next: Next): void {
  showExchange(exchanged, warnings);
  console.log(`  ${chalk.green('✔')} ${printable(live)} is the restored database now`);
  if (putAside === null) return;
  console.log(`    what it was before is kept as ${printable(putAside)}`);
  console.log(`\n  take it back        ${next('--rollback')}`);
  console.log(`  when all is well    ${printable(dropStatement(putAside))}`);
}

function showRollback(result: Switched | { done: string }, { live }: RecoveryServer): number {
  if ('done' in result) {
    console.log(`  ${chalk.green('✔')} ${printable(live)} was taken back before; nothing was done`);
    console.log(`    what was live meanwhile is kept as ${printable(result.done)}`);
    return 0;
  }
  showExchange(result.exchanged, result.warnings);
  console.log(`  ${chalk.green('✔')} ${printable(live)} is again what it was before the switch`);
  if (result.putAside === null) return 0;
  console.log(`    what was live meanwhile is kept as ${printable(result.putAside)}`);
  console.log(`\n  when nobody needs it    ${printable(dropStatement(result.putAside))}`);
  return 0;
}

function showDone({ live }: RecoveryServer, kept: string | null, next: Next): number {
  console.log(`  ${chalk.green('✔')} ${printable(live)} is what was restored of this backup already; nothing was done`);
  if (kept !== null) console.log(`\n  take it back             ${next('--rollback')}`);
  console.log(`  restore it once more     ${next(null)}, then the same with --switch`);
  return 0;
}

function showExchange({ lockedMs, endedSessions }: Switched['exchanged'], warnings: string[]): void {
  for (const warning of warnings) warn(warning);
  const took = prettyMilliseconds(lockedMs);
  say(`names exchanged within ${took}; ${endedSessions} session${endedSessions === 1 ? '' : 's'} ended`);
}

function dropStatement(name: string): string {
  return `drop database ${pg.escapeIdentifier(name)};`;
}
