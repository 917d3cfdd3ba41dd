import { findKeys } from '../backup/encryption/keys.ts';
import { namedBackupSet } from '../backup/named-backup-set.ts';
import { readEnvironment } from '../system/environment.ts';
import { loadProfile } from '../config/load-profile.ts';
import { usePrivateDirectory } from '../system/private-directory.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import type { ReadLimits } from '../backup/layers/layer.ts';
import { chooseOther } from '../recovery/diff-with.ts';
import { assertNoneFinal } from '../recovery/obstacles.ts';
import type { RecoveryServer } from '../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../recovery/request.ts';
import { restoreBeside } from '../recovery/restore-beside.ts';
import { restorePart } from '../recovery/restore-part.ts';
import { carryRights, isFree, readRightsCost } from '../recovery/rights-cost.ts';
import { findDone, rollBack, switchOver } from '../recovery/switch-over.ts';
import { readBackup } from '../restore/read-backup.ts';
import { suggest } from '../terminal/suggest.ts';
import { interruption } from '../system/interruption.ts';
import { defineCommand, type Options, type CommandOutcome } from './command.ts';
import {
  config,
  moment,
  origin,
  path,
  size,
  text,
  texts,
  toggle,
  typedText,
  typedToggle,
  wholeNumber,
} from './flags.ts';
import { findDump } from './restore/find-dump.ts';
import { nextCommand } from './restore/next-command.ts';
import { nameServer } from './restore/open-server.ts';
import { showDone, showRollback, showSwitch, type Next } from './restore/show-exchange.ts';
import { showDiff } from './restore/show-diff.ts';
import { showLeftBehind, showWritten } from './restore/show-rows.ts';
import { restoreNewAndShow } from './restore/show-new.ts';
import { cleanLeft, showLeft } from './restore/show-left.ts';
import { showPart } from './restore/show-part.ts';
import { isPart, readTask } from './restore/task.ts';
import { restoreWithProgress } from './restore/with-restore-progress.ts';
import { showChangedDefinitions, showLive } from './restore/show-live.ts';
import { showCost, showDifferent, showNotCompared, showRefused, showRestored } from './restore/show-restored.ts';
import { say, sayHeading, warnApart } from './say.ts';

/** Restoring a very large database may take long; what waits for a lock has a limit of its own. */
const restoreTimeoutMs = 24 * 60 * 60_000;

export const flags = {
  backup: origin('the dump, in any format that a rehearsal takes, with its manifest beside it'),
  at: moment(
    'in place of --backup: the newest backup of the directory that was taken before this time, like "2026-02-09 09:48+01:00". Without a time zone it is in that of this machine',
  ),
  fromOffsite: toggle(
    'in place of --backup: fetch the newest whole backup that is off-host, or with --at the newest from before that time',
  ),
  dir: path('DIR', 'with --at: where the backups are, in place of the profile’s backups.directory'),
  url: text(
    'URL',
    'any other database of the server, as a role that may create databases, give them to the owner of the live one, rename them and end sessions: postgres://postgres@host:5432/postgres',
  ),
  composeService: text(
    'NAME',
    'in place of --url: the server in the container of this Compose service. pg_restore and psql run inside of it, and it needs no published port',
  ),
  composeProject: text('NAME', 'its project, where several have such a service'),
  composeUser: typedText(
    'ROLE',
    'with --compose-service: who logs in there; default: POSTGRES_USER of the container, who is a superuser',
  ),
  new: toggle(
    'to another server, as after the loss of a machine: make the roles of the backup, restore it, and give it its name once it is equal to the manifest. Refused where there is a database of that name',
  ),
  switch: toggle(
    'let the restored database take the name of the live one, in one transaction; the old one is kept. Restores first where that is to be done',
  ),
  acceptDifferences: toggle(
    'switch though roles lose what they own in the database by it, or rights that could not be given to them: both are listed, and refused without this',
  ),
  allRights: toggle('list all of those rights, not only the first'),
  table: texts(
    'SCHEMA.NAME',
    'restore this table alone, with its rows, keys, types and sequences, and show the SQL that brings its rows back; may be given again and again. Such a part never takes the place of the live database',
  ),
  schema: texts('NAME', 'the same, for all tables of a schema'),
  diff: texts(
    'TABLE',
    'show the keys of rows of this table that only the live database has, only the other one, or that are not the same; may be given again and again. Needs no --backup',
  ),
  with: typedText(
    'NAME',
    'with --diff: the other database; default: the one that the live one has replaced, or that was live meanwhile, or was restored beside it',
  ),
  keys: wholeNumber({ from: 1, to: 1_000_000, otherwise: 20 }, 'with --diff: how many keys of each kind; default: 20'),
  rollback: toggle('let the kept database have its name back; needs no --backup'),
  to: typedText(
    'NAME',
    'with --rollback: which of the kept databases; default: the one that the live one has replaced',
  ),
  pooler: text(
    'URL',
    'the admin console of the pgbouncer that clients go through, which lets them wait while names are exchanged: postgres://admin@host:6432/pgbouncer',
  ),
  disk: size(
    'how much of the server’s disk the restore may take, like 20GB: it is ended before it takes more. Needed where nobody can see from here what is free there, or an estimate is too high',
  ),
  list: typedToggle('list what earlier restores, switches and rollbacks have left on the server; only reads'),
  clean: typedToggle(
    'drop what --list lists, after asking; never what bears no mark of ours, or what somebody works in',
  ),
  yes: typedToggle('with --clean: do not ask'),
  config: { ...config, help: config.help.replace('profile;', 'profile, which names the live database;') },
};

type RestoreOptions = Options<typeof flags>;

/** Restores a backup beside the live database of a real server, and lets it take its place. */
export const restoreCommand = defineCommand({
  name: 'restore',
  usage: '--backup FILE --url ADMIN_URL [--switch | --rollback | --new]',
  about: [
    'Restores a backup into a new database beside the live one, compares it with the backup’s manifest, and shows what differs from the live database, which goes on serving. Each step can be run again after an interruption, and the live name always leads to a database.',
  ],
  flags,
  notes: [
    'Keep the password out of the URL: it is looked for in PGPASSWORD and in the passfile (PGPASSFILE, ~/.pgpass). pg_restore is looked for in REHEARSAL_PG_BINDIR, if it is set.',
    'What a dump holds is code. It is run and read by roles that are made for it, have no rights but in the new database, and are gone afterwards. They log in with a password, which pg_hba.conf has to let them do. A role that is no superuser needs CREATEROLE, too, and from version 16 on pg_read_all_data with the right to grant it.',
  ],
  exitStatus:
    '0 done and verified, 1 the backup or what was restored of it is not what the manifest says (nothing is switched then), 2 it could not be done, or a switch was refused.',

  async run(options) {
    const task = readTask(options);
    const { profile } = await loadProfile(options.config);
    const environment = readEnvironment();
    const named = await nameServer(task, profile, environment);
    const limits = { timeoutMs: restoreTimeoutMs, signal: interruption() };
    await using own = await usePrivateDirectory(environment);
    const where = { directory: options.dir, own: own.directory, signal: limits.signal };
    const dump = task.backup === null ? null : await findDump(task.backup, profile, where);
    const next = nextCommand(options.config, named.places, dump);
    const backup =
      dump === null
        ? null
        : await open(dump.file, own.directory, {
            ...limits,
            path: environment.path,
            keys: findKeys(profile.backups, environment, own.directory),
          });
    for (const { message, remedy } of backup?.warnings ?? []) warnApart(`${message} ${remedy}`);
    const request =
      backup === null
        ? null
        : { backup, profile, limits, say, mostDiskBytes: options.disk, older: dump?.older ?? null };
    await using server = await named.open(own.directory, limits.signal);
    const beside = `${options.new ? 'of' : 'beside'} ${server.live}, ${server.way.description}, PostgreSQL ${server.serverVersion}\n`;
    sayHeading('restore-rehearsal restore', beside);
    if (options.new && request !== null) {
      return await restoreNewAndShow(server, request, { profile, config: options.config, places: named.places });
    }
    if (options.clean) return await cleanLeft(server, options.yes);
    if (options.list)
      return await showLeft(server, suggest('restore', { ...named.places, clean: true, config: options.config }));
    if (options.diff.length > 0) return await compareAndShow(server, request, options, limits);
    if (request === null) return await rollBackAndShow(server, options, limits, next);
    if (options.switch) {
      const done = await findDone(server, request.backup.examination.sha256);
      if (done !== null) return showDone(server, done.kept, next);
    }
    if (isPart(options)) return await restorePartAndShow(server, request, options, next);
    return await restoreAndShow(server, request, options, next);
  },
});

async function open(dump: string, directory: string, limits: ReadLimits) {
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
  if (restored.verdict === 'refused') return showRefused(restored.findings, request);
  showRestored(restored, server);
  if (restored.verdict === 'different') return showDifferent(restored);
  const isSwitched = options.switch && restored.verdict === 'verified';
  const cost = await (isSwitched ? carryRights : readRightsCost)(server, restored.name, request.limits.signal);
  const telling = { live: server.live, all: options.allRights };
  if (restored.verdict === 'not-compared') {
    showCost(cost, telling);
    return showNotCompared(restored, request);
  }
  const accepted = options.acceptDifferences;
  if (options.switch) {
    await showChangedDefinitions(server, restored, request);
    // What a switch costs is shown before it is refused, or once it is done.
    if (!accepted) showCost(cost, telling);
    const switched = await switchOver(server, restored, new Date(), { cost, accepted });
    showSwitch(switched, server, next);
    if (accepted) showCost(cost, { ...telling, done: true });
    if (switched.putAside !== null) await showLeftBehind(server, switched.putAside, { limits: request.limits, next });
    return 'done';
  }
  await showLive(server, restored, request, next);
  showCost(cost, telling);
  console.log(`\n  let it take its place   ${next('switch')}${isFree(cost) ? '' : ' --accept-differences'}`);
  return 'done';
}

/** Only reads. */
async function compareAndShow(
  server: RecoveryServer,
  request: RecoveryRequest | null,
  options: RestoreOptions,
  limits: ToolLimits,
): Promise<CommandOutcome> {
  const backup = request?.backup.examination.sha256 ?? null;
  const other = chooseOther(await server.listDatabases(), { live: server.live, name: options.with, backup });
  return showDiff(server, other, { tables: options.diff, keys: options.keys, limits });
}

async function rollBackAndShow(
  server: RecoveryServer,
  { to }: RestoreOptions,
  limits: ToolLimits,
  next: Next,
): Promise<CommandOutcome> {
  const result = await rollBack(server, new Date(), to);
  const outcome = showRollback(result, server, next);
  if ('done' in result || result.putAside === null) return outcome;
  await showWritten(server, { putAside: result.putAside, since: result.since }, { limits, next });
  return outcome;
}

async function restorePartAndShow(
  server: RecoveryServer,
  request: RecoveryRequest,
  { table, schema }: RestoreOptions,
  next: Next,
): Promise<CommandOutcome> {
  warnOfSuperuser(request);
  const selection = { tables: table, schemas: schema };
  const restored = await restoreWithProgress(request, (told) => restorePart(server, told, selection));
  if (restored.verdict === 'refused') return showRefused(restored.findings, request);
  return showPart(server, restored, request, next);
}

function warnOfSuperuser({ profile }: RecoveryRequest): void {
  if (profile.restoreAs !== 'superuser') return;
  warnApart('The profile says restoreAs: "superuser": what the dump holds is run with all rights of this server.');
}
