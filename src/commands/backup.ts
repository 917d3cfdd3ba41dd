import { count } from '../terminal/count.ts';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import type { BackupProgress } from '../backup/backup-progress.ts';
import { canOpen } from '../backup/encryption/can-open.ts';
import { prepareEncryption, readRecipients } from '../backup/encryption/encrypt.ts';
import { findKeys } from '../backup/encryption/keys.ts';
import { takeBackup, type TakenBackup } from '../backup/take-backup.ts';
import { readEnvironment } from '../system/environment.ts';
import { loadProfile } from '../config/load-profile.ts';
import { suggest } from '../terminal/suggest.ts';
import { removeLeftovers } from '../system/leftovers.ts';
import { usePrivateDirectory } from '../system/private-directory.ts';
import { openSource } from '../source/open-source.ts';
import { interruption } from '../system/interruption.ts';
import { OperationalError } from '../system/operational-error.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import { nearby } from '../terminal/nearby.ts';
import { printable } from '../terminal/printable.ts';
import { defineCommand, type Options } from './command.ts';
import { config, list, path, text } from './flags.ts';
import { sayHeading, sayInterrupted, saySweep, warnApart } from './say.ts';
import { withProgress } from './with-progress.ts';

/** pg_dump of a very large database may take long; what waits for a lock has a limit of its own. */
const dumpTimeoutMs = 24 * 60 * 60_000;
const leftByKilled = 'what a killed run left';

export const flags = {
  url: text('URL', 'where the database is: postgres://user@host:5432/database'),
  composeService: text('NAME', 'dump inside the container of this Compose service instead'),
  composeProject: text('NAME', 'its project, where several have such a service'),
  dir: path('DIR', 'where the backup goes, in place of the profile’s backups.directory'),
  encryptTo: list(
    'RECIPIENTS',
    'encrypt the dump on its way to the disk, in place of the profile’s backups.encrypt: recipients of age (age1…), public keys of SSH, or fingerprints of gpg, with commas between them',
  ),
  config,
};

/** Takes a backup of a live database, with all that is needed to prove later that it restores. */
export const backupCommand = defineCommand({
  name: 'backup',
  about: [
    'Dumps a live database with pg_dump, and writes beside the dump what the database held in that very moment, so that a rehearsal can compare exactly. All or nothing: a file with a backup’s name is a whole backup.',
  ],
  flags,
  notes: [
    'Keep the password out of the URL: it is looked for in PGPASSWORD and in the passfile (PGPASSFILE, ~/.pgpass). pg_dump is looked for in REHEARSAL_PG_BINDIR, if it is set.',
  ],
  exitStatus: '0 the backup is there, 2 it is not.',

  async run(options) {
    const taken = await backUp(options, () => interruption(sayInterrupted('removing what there is of the backup')));
    const next = suggest('rehearse', { backup: nearby(taken.set.dump), config: options.config }, ['latest-backup']);
    console.log(`\n  rehearse it   ${next}`);
    return 'done';
  },
});

/**
 * Takes a backup as the flags say, and shows what was taken.
 * @param interruptible gives what interrupts it; until it is asked for, a signal ends the process there and then
 */
export async function backUp(options: Options<typeof flags>, interruptible: () => AbortSignal): Promise<TakenBackup> {
  const { profile } = await loadProfile(options.config);
  const environment = readEnvironment();
  const directory = options.dir ?? profile.backups?.directory;
  if (directory === undefined) {
    const message = 'Nothing says where the backup goes: give --dir DIR, or set backups.directory.';
    throw new OperationalError('BAD_USAGE', message);
  }
  const signal = interruptible();
  // A pg_dump that outlived its backup goes before its files do.
  saySweep(await removeLeftovers(environment), leftByKilled);
  await using own = await usePrivateDirectory(environment);
  await using source = await openSource(options, profile, environment, { directory: own.directory, signal });
  sayHeading('restore-rehearsal backup', `of ${source.description}, PostgreSQL ${source.serverVersion}`);
  const encrypt = options.encryptTo === null ? (profile.backups?.encrypt ?? null) : readRecipients(options.encryptTo);
  const encrypting =
    encrypt &&
    (await prepareEncryption(encrypt, {
      path: environment.path,
      gnupg: environment.decryption.gnupg,
      limits: { timeoutMs: dumpTimeoutMs, signal },
    }));
  const startedAt = performance.now();
  const taken = await withProgress(describe, ({ report }) =>
    takeBackup(source, {
      directory,
      ownership: profile.ownership,
      viewsWithinMs: profile.materializedViews.withinMs,
      format: profile.backups?.format ?? 'custom',
      compression: profile.backups?.compression,
      encrypting,
      limits: { timeoutMs: dumpTimeoutMs, signal },
      report,
    }),
  );
  showTaken(taken, performance.now() - startedAt);
  await warnOfReaders(dirname(taken.set.dump));
  const keys = findKeys(profile.backups, environment, own.directory);
  const problem = taken.manifest.encryption && (await canOpen(taken.manifest.encryption, keys, environment.path));
  if (problem) warnApart(problem);
  return taken;
}

function describe(progress: BackupProgress | null, elapsedMs: number): string {
  if (progress === null) return '  waiting for the server, and for locks that others hold';
  const { sizeBytes, table, isDumped } = progress;
  if (isDumped) return `  ${formatBytes(sizeBytes)} dumped, reading what the tables hold`;
  const rate = formatBytes((sizeBytes / Math.max(elapsedMs, 1)) * 1000);
  return `  ${formatBytes(sizeBytes)}, ${rate}/s${table === null ? '' : `, table ${table}`}`;
}

function showTaken({ set, manifest, swept }: TakenBackup, tookMs: number): void {
  const { snapshot, bytes, sha256, globals } = manifest;
  const rows = snapshot.tables.reduce((sum, table) => sum + (table.digest === null ? 0 : (table.rows ?? 0)), 0);
  const fileName = (file: string) => printable(basename(file));
  saySweep(swept, leftByKilled);
  console.log(`
  ${styleText('green', '✔')} ${nearby(set.dump)}
    ${formatBytes(bytes)} in ${prettyMilliseconds(Math.round(tookMs))}, SHA-256 ${sha256.slice(0, 12)}…
    ${count(snapshot.tables.length, 'table')} and ${count(rows, 'row')} of ${manifest.takenAt} in ${fileName(set.manifest)}
${describeEncryption(manifest)}    ${fileName(set.checksum)}${globals === null ? '' : `, ${fileName(set.globals)}`}`);
}

function describeEncryption({ encryption }: TakenBackup['manifest']): string {
  if (encryption === undefined) return '';
  return `    encrypted by ${encryption.by} to ${encryption.recipients.map(printable).join(', ')}\n`;
}

async function warnOfReaders(directory: string): Promise<void> {
  const { mode } = await stat(directory);
  if ((mode & 0o077) === 0) return;
  warnApart(`Others may look into ${nearby(directory)}: chmod 700 keeps them out. The files themselves are private.`);
}
