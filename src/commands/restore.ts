import { namedBackupSet } from '../backup/named-backup-set.ts';
import { readEnvironment } from '../system/environment.ts';
import { loadProfile } from '../config/load-profile.ts';
import { suggest } from '../terminal/suggest.ts';
import { usePrivateDirectory } from '../system/private-directory.ts';
import type { LayerLimits } from '../backup/layers/layer.ts';
import { openRecovery } from '../recovery/open-recovery.ts';
import { assertNoneFinal } from '../recovery/obstacles.ts';
import type { RecoveryServer } from '../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../recovery/request.ts';
import { restoreBeside } from '../recovery/restore-beside.ts';
import { assertNotSwitched, restorePart } from '../recovery/restore-part.ts';
import { carryRights, isFree, readRightsCost } from '../recovery/rights-cost.ts';
import { findDone, rollBack, switchOver } from '../recovery/switch-over.ts';
import { readBackup } from '../restore/read-backup.ts';
import { readDatabaseUrl, urlWithoutPassword } from '../source/database-url.ts';
import { interruption } from '../system/interruption.ts';
import { OperationalError } from '../system/operational-error.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import { nearby } from '../terminal/nearby.ts';
import { defineCommand, type Options, type CommandOutcome } from './command.ts';
import { config, path, size, text, texts, toggle, typedText } from './flags.ts';
import { showDone, showRollback, showSwitch, type Next } from './restore/show-exchange.ts';
import { showPart } from './restore/show-part.ts';
import { showLive } from './restore/show-live.ts';
import { showCost, showDifferent, showNotCompared, showRefused, showRestored } from './restore/show-restored.ts';
import { say, sayHeading, warnApart } from './say.ts';
import { withProgress } from './with-progress.ts';

/** Restoring a very large database may take long; what waits for a lock has a limit of its own. */
const restoreTimeoutMs = 24 * 60 * 60_000;

export const flags = {
  backup: path('FILE', 'the dump, in any format that a rehearsal takes, with its manifest beside it'),
  url: text(
    'URL',
    'any other database of the server, as a role that may create databases, give them to the owner of the live one, rename them and end sessions: postgres://postgres@host:5432/postgres',
  ),
  switch: toggle(
    'let the restored database take the name of the live one, in one transaction; the old one is kept. Restores first where that is to be done',
  ),
  acceptLostRights: toggle(
    'switch though roles lose what they own in the database by it, or rights that could not be given to them: both are listed, and refused without this',
  ),
  allRights: toggle('list all of those rights, not only the first'),
  table: texts(
    'SCHEMA.NAME',
    'restore this table alone, with its rows, keys, types and sequences, and show the SQL that brings its rows back; may be given again and again. Such a part never takes the place of the live database',
  ),
  schema: texts('NAME', 'the same, for all tables of a schema'),
  rollback: toggle('let the kept database have its name back; needs no --backup'),
  to: typedText(
    'NAME',
    'with --rollback: which of the kept databases; default: the one that the live one has replaced',
  ),
  disk: size(
    'how much of the server’s disk the restore may take, like 20GB: it is ended before it takes more. Needed where nobody can see from here what is free there, or an estimate is too high',
  ),
  config: { ...config, help: config.help.replace('profile;', 'profile, which names the live database;') },
};

type RestoreOptions = Options<typeof flags>;

/** Restores a backup beside the live database of a real server, and lets it take its place. */
export const restoreCommand = defineCommand({
  name: 'restore',
  usage: '--backup FILE --url ADMIN_URL [--switch | --rollback]',
  about: [
    'Restores a backup into a new database beside the live one, compares it with the backup’s manifest, and shows what differs from the live database, which goes on serving. Each step can be run again after an interruption, and the live name always leads to a database.',
  ],
  flags,
  notes: [
    'Keep the password out of the URL: it is looked for in PGPASSWORD and in the passfile (PGPASSFILE, ~/.pgpass). pg_restore is looked for in REHEARSAL_PG_BINDIR, if it is set.',
    'What a dump holds is code. It is run and read by roles that are made for it, have no rights but in the new database, and are gone afterwards. They log in with a password, which pg_hba.conf has to let them do. A role in --url that is no superuser needs CREATEROLE, too, and from version 16 on pg_read_all_data with the right to grant it.',
  ],
  exitStatus:
    '0 done and verified, 1 the backup or what was restored of it is not what the manifest says (nothing is switched then), 2 it could not be done, or a switch was refused.',

  async run(options) {
    const { url, dump } = readTask(options);
    const { profile } = await loadProfile(options.config);
    const environment = readEnvironment();
    const address = await readDatabaseUrl(url, environment);
    const next = nextCommand(options, urlWithoutPassword(address));
    const limits = { timeoutMs: restoreTimeoutMs, signal: interruption() };
    await using own = await usePrivateDirectory(environment);
    const backup = dump === null ? null : await open(dump, own.directory, { ...limits, path: environment.path });
    for (const { message, remedy } of backup?.warnings ?? []) warnApart(`${message} ${remedy}`);
    const request = backup === null ? null : { backup, profile, limits, say, mostDiskBytes: options.disk };
    await using server = await openRecovery(profile.database.name, address, environment, own.directory);
    const where = `beside ${server.live}, ${server.description}, PostgreSQL ${server.serverVersion}\n`;
    sayHeading('restore-rehearsal restore', where);
    if (request === null) return showRollback(await rollBack(server, new Date(), options.to), server, next);
    if (options.switch) {
      const done = await findDone(server, request.backup.examination.sha256);
      if (done !== null) return showDone(server, done.kept, next);
    }
    if (isPart(options)) return await restorePartAndShow(server, request, options);
    return await restoreAndShow(server, request, options, next);
  },
});

/** @throws OperationalError BAD_USAGE where flags say too little, or too much */
function readTask(options: RestoreOptions): { url: string; dump: string | null } {
  const { url, backup, rollback, to } = options;
  const refuse = (problem: string) => new OperationalError('BAD_USAGE', `${problem} Try: npm run restore -- --help`);
  if (options.switch && rollback) throw refuse('--switch and --rollback are each other’s opposite.');
  if (isPart(options) && rollback) throw refuse('--table and --schema are of a backup, and --rollback takes none.');
  assertNotSwitched(isPart(options), options.switch);
  if (to !== null && !rollback) throw refuse('--to says which database --rollback goes back to: give that, too.');
  if (url === null) throw refuse('Nothing says which server: give --url postgres://admin@host/postgres.');
  if (backup === null && !rollback) throw refuse('Nothing says which backup: give --backup FILE.');
  return { url, dump: rollback ? null : backup };
}

function isPart({ table, schema }: RestoreOptions): boolean {
  return table.length + schema.length > 0;
}

/** A command to be typed next, as it has to be typed. */
function nextCommand({ config: profile, backup }: RestoreOptions, url: string): Next {
  return (action, to) => {
    const dump = action === 'rollback' ? null : backup && nearby(backup);
    const given = { switch: action === 'switch', rollback: action === 'rollback', to: to ?? null };
    return suggest('restore', { backup: dump, url, config: profile, ...given });
  };
}

async function open(dump: string, directory: string, limits: LayerLimits) {
  return readBackup(await namedBackupSet(dump), directory, limits);
}

async function restoreAndShow(
  server: RecoveryServer,
  request: RecoveryRequest,
  options: RestoreOptions,
  next: Next,
): Promise<CommandOutcome> {
  warnOfSuperuser(request);
  const obstacles = await server.findObstacles();
  // It would not come to its end: nothing is restored for it, then.
  if (options.switch) assertNoneFinal(obstacles);
  for (const { message } of obstacles) warnApart(message);
  const restored = await restoreWithProgress(request, (told) => restoreBeside(server, told));
  if (restored.verdict === 'refused') return showRefused(restored.findings);
  showRestored(restored, server);
  if (restored.verdict === 'different') return showDifferent(restored);
  const isSwitched = options.switch && restored.verdict === 'verified';
  const cost = await (isSwitched ? carryRights : readRightsCost)(server, restored.name, request.limits.signal);
  const telling = { live: server.live, all: options.allRights };
  if (restored.verdict === 'not-compared') {
    showCost(cost, telling);
    return showNotCompared(restored, request);
  }
  const accepted = options.acceptLostRights;
  if (options.switch) {
    // What a switch costs is shown before it is refused, or once it is done.
    if (!accepted) showCost(cost, telling);
    showSwitch(await switchOver(server, restored, new Date(), { cost, accepted }), server, next);
    if (accepted) showCost(cost, { ...telling, done: true });
    return 'done';
  }
  await showLive(server, restored, request);
  showCost(cost, telling);
  console.log(`\n  let it take its place   ${next('switch')}${isFree(cost) ? '' : ' --accept-lost-rights'}`);
  return 'done';
}

async function restorePartAndShow(
  server: RecoveryServer,
  request: RecoveryRequest,
  { table, schema }: RestoreOptions,
): Promise<CommandOutcome> {
  warnOfSuperuser(request);
  const selection = { tables: table, schemas: schema };
  const restored = await restoreWithProgress(request, (told) => restorePart(server, told, selection));
  if (restored.verdict === 'refused') return showRefused(restored.findings);
  return showPart(server, restored, request);
}

function warnOfSuperuser({ profile }: RecoveryRequest): void {
  if (profile.restoreAs !== 'superuser') return;
  warnApart('The profile says restoreAs: "superuser": what the dump holds is run with all rights of this server.');
}

async function restoreWithProgress<Restored>(
  request: RecoveryRequest,
  restore: (request: RecoveryRequest) => Promise<Restored>,
): Promise<Restored> {
  const { dump, examination } = request.backup;
  const sizeBytes = dump.seal?.sizeBytes ?? examination.sizeBytes;
  const describe = (readBytes: number | null) => {
    if (readBytes === null) return null;
    const percent = Math.floor((readBytes / Math.max(sizeBytes, 1)) * 100);
    return `  ${formatBytes(readBytes)} of ${formatBytes(sizeBytes)} read, ${percent} %`;
  };
  return await withProgress<number, Restored>(describe, ({ report, clear }) => {
    const sayBelow = (what: string) => {
      clear();
      say(what);
    };
    const onProgress = (bytes: number) => {
      if (bytes < sizeBytes) report(bytes);
      else sayBelow('the dump is read; indexes and constraints are being built');
    };
    return restore({ ...request, say: sayBelow, onProgress });
  });
}
