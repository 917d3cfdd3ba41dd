import prettyMilliseconds from 'pretty-ms';
import { assertSameOwnership } from '../backup/same-ownership.ts';
import type { DumpReader, OpenDump } from '../backup/format/backup-format.ts';
import type { BackupFinding } from '../backup/format/backup-finding.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import { readExtensionVersions } from '../postgres/extensions.ts';
import { assertServerUp } from '../postgres/tool-errors.ts';
import { readMoment } from '../restore/backup-moment.ts';
import { compareContents } from '../restore/compare-contents.ts';
import { examineBackup, type BackupExamination } from '../restore/examine-backup.ts';
import { holdAgainstDump } from '../restore/oracle/hold-against-dump.ts';
import { restore, type RestoreOutcome } from '../restore/restore.ts';
import { toFinding } from '../restore/to-finding.ts';
import { tolerateDifferences, weighTolerated } from '../restore/tolerance.ts';
import { describeManifestAge } from '../snapshot/manifest-age.ts';
import { currentDigest } from '../snapshot/digest-version.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { OperationalError } from '../system/operational-error.ts';
import { factsOfManifest, type DatabaseFacts } from './database-facts.ts';
import { prepareDisk } from './disk/guard-restore.ts';
import { liveTarget } from './live-target.ts';
import type { BackupOfMark } from './marks.ts';
import { planRestore, type Destination, type Wanted } from './plan.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { assertNotInterrupted, ownershipOf, withSignal, withTimeout, type RecoveryRequest } from './request.ts';
import { isOfPrivileges, readDatabase, verifyRestored } from './verify.ts';

/** What came of restoring a backup beside the live database. */
export type RestoredBeside =
  /** The files are not what was backed up: nothing was restored. */
  | { verdict: 'refused'; findings: BackupFinding[] }
  /** `findings` are warnings alone where it is verified, and where there is no manifest: then it is compared with what the dump holds. */
  | {
      verdict: 'verified' | 'different' | 'not-compared';
      name: string;
      /** Whether an earlier run had restored it. */
      reused: boolean;
      about: BackupOfMark;
      /** What belonged to the database that is live, or was when the backup was taken. */
      facts: DatabaseFacts;
      /** Which database was live when this began, by its oid; null where none was. */
      liveOid: string | null;
      snapshot: Snapshot;
      findings: RestoreOutcome['findings'];
    };

/**
 * Restores a backup into a database beside the live one, and compares it with its manifest. The live one goes on serving.
 * What an earlier run has finished is used again; what it has not is made anew.
 * @param prepare makes roles that the server lacks, once nothing speaks against the backup
 * @throws OperationalError for what is not the backup's fault; what had been restored by then is gone again
 */
export async function restoreBeside(
  server: RecoveryServer,
  request: RecoveryRequest,
  prepare?: (owner: string) => Promise<void>,
): Promise<RestoredBeside> {
  const { backup, profile } = request;
  const { manifest, sha256 } = backup.examination;
  const dump = backup.format.open(backup.dump, readerOf(server, request));
  const { findings, contents } = await examine(server, request, dump);
  if (findings.length > 0) return { verdict: 'refused', findings };
  if (manifest !== null) assertSameOwnership(profile, manifest);
  const { takenAt } = readMoment(backup, profile.database.name);
  const wanted = { live: server.live, backup: sha256, takenAt };
  const live = await server.readFacts(server.live);
  const facts = live ?? (await factsOfBackup(server, request));
  const needsSuperuser = ownershipOf(request) === 'preserve' || profile.restoreAs === 'superuser';
  await server.assertPermitted(facts.owner, needsSuperuser, prepare !== undefined);
  await prepare?.(facts.owner);
  const about = aboutBackup(wanted);
  const databases = await server.listDatabases();
  const { name, found, passedOver } = planRestore(databases, wanted);
  for (const { name: other, why } of passedOver) request.say(`leaving ${other} alone: ${why}`);
  const reused = found === 'finished';
  if (!reused) await makeAnew(server, request, { name, found, facts, about, dump });
  request.say(`comparing ${name} with ${manifest === null ? 'what the dump holds' : 'the manifest'}`);
  const mark = reused ? databases.find((database) => database.name === name)?.mark : null;
  const hasRightsOfLive = mark?.state === 'verified' && mark.hasRightsOfLive === true;
  const compared = await compare(server, request, { name, hasRightsOfLive }, { opened: dump, contents });
  await server.markFinished(name, { ...about, state: compared.verdict });
  return { ...compared, name, reused, about, facts, liveOid: live?.oid ?? null };
}

async function compare(
  server: RecoveryServer,
  request: RecoveryRequest,
  { name, hasRightsOfLive }: { name: string; hasRightsOfLive: boolean },
  dump: { opened: OpenDump; contents: DumpedContents | null },
) {
  const { manifest } = request.backup.examination;
  const digestVersion = manifest?.snapshot.digestVersion ?? currentDigest;
  const reading = { ownership: ownershipOf(request), digestVersion };
  const snapshot = await readDatabase(server, name, reading, request.limits);
  const findings =
    manifest === null
      ? await compareWithDump(server, request, name, dump, snapshot)
      : [
          ...describeManifestAge(manifest.snapshot).map((each) => ({ ...each, severity: 'warning' as const })),
          ...verifyRestored(manifest, snapshot, server.serverVersion)
            .filter((difference) => !hasRightsOfLive || !isOfPrivileges(difference))
            .map(tolerateDifferences(request.profile.tolerate, new Date()))
            .map(toFinding),
        ];
  const verdict = findings.some(({ severity }) => severity === 'error')
    ? ('different' as const)
    : manifest === null
      ? ('not-compared' as const)
      : ('verified' as const);
  return { verdict, snapshot, findings };
}

/** Without a manifest, only what the dump holds by its own account can be held against what was restored. */
async function compareWithDump(
  server: RecoveryServer,
  request: RecoveryRequest,
  name: string,
  { opened, contents }: { opened: OpenDump; contents: DumpedContents | null },
  snapshot: Snapshot,
) {
  if (contents === null) throw new Error('Nothing says what the backup has to hold.');
  const { backup, profile, limits } = request;
  await using reader = await server.openReader(name);
  const restored = { reader: reader.connection, runner: server.tools, limits };
  const context = { ...backup.description, ownership: ownershipOf(request), restoredTo: server.serverVersion };
  const held = await holdAgainstDump(restored, { opened, contents }, snapshot, context);
  const weigh = (finding: RestoreOutcome['findings'][number]) => weighTolerated(finding, profile.tolerate, new Date());
  return compareContents(contents, held, profile.tables, weigh).findings ?? [];
}

export interface NewDatabase {
  name: string;
  found: Destination['found'];
  facts: DatabaseFacts;
  about: BackupOfMark;
  dump: OpenDump;
  /** The entries of the dump that are restored; all of them, if left out. */
  only?: ReadonlySet<number>;
}

/** Restores a backup, or a part of it, into a database that is not there yet, or was left unfinished. */
export async function makeAnew(server: RecoveryServer, request: RecoveryRequest, made: NewDatabase): Promise<void> {
  const { name, found, facts, about } = made;
  if (found === 'unfinished') {
    request.say(`dropping ${name}, whose restore was ended before it was done`);
    await server.dropUnfinished(name, about.backup);
    await server.removeLeftRoles();
  }
  const startGuard = await prepareDisk(server, request, facts.tablespace);
  const bounded = withTimeout(request);
  const limit = prettyMilliseconds(bounded.limits.timeoutMs);
  request.say(`restoring into ${name}; it is ended where that takes longer than ${limit}`);
  await server.create(name, facts, { ...about, state: 'unfinished' });
  let guarded: AbortSignal | undefined;
  try {
    await using guard = await startGuard(name);
    guarded = guard.signal;
    await fill(server, withSignal(bounded, guard.signal), made);
    await server.markFinished(name, { ...about, state: 'restored' });
  } catch (error) {
    // The live database needs the space that it would take up. The first error is the one to be seen.
    await server.dropUnfinished(name, about.backup).catch(() => {
      request.say(`${name} could not be dropped now; the next start does it`);
    });
    await server.removeLeftRoles();
    assertNotInterrupted(request);
    guarded?.throwIfAborted();
    throw error;
  }
}

async function fill(server: RecoveryServer, request: RecoveryRequest, { name, facts, dump, only }: NewDatabase) {
  const { profile, limits, onProgress, onActivity } = request;
  const { findings } = await restore(dump, liveTarget(server, name, facts.owner, request), {
    ownership: ownershipOf(request),
    restoreAs: profile.restoreAs,
    tolerate: profile.tolerate,
    extensions: await allowedExtensions(server, request),
    extensionVersions: readExtensionVersions(request.backup.examination.manifest?.snapshot.state.EXTENSION),
    limits,
    ...(onProgress && { onProgress }),
    ...(onActivity && { onActivity }),
    ...(only && { only }),
  });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const lines = errors.map(({ rule, message, remedy }) => `${rule}: ${message}\n${remedy}`);
    throw new OperationalError('RESTORE_FAILED', lines.join('\n'));
  }
  for (const { rule, message } of findings) request.say(`${rule}: ${message}`);
}

/** Extensions that the live database has may be had by the restored one; where it is gone, those that it had. */
async function allowedExtensions(server: RecoveryServer, { backup, profile }: RecoveryRequest): Promise<string[]> {
  // A live database that cannot be read may be why this is done.
  const live = await server.listExtensions(server.live).catch(() => null);
  const had = Object.keys(backup.examination.manifest?.snapshot.state.EXTENSION ?? {});
  return live?.map(({ name }) => name) ?? [...had, ...profile.extensions];
}

export function readerOf(server: RecoveryServer, { limits }: RecoveryRequest): DumpReader {
  const { tools, secrets, ofTools } = server;
  return { tools, secrets, limits, assertServerUp: (log) => assertServerUp(ofTools, 'pg_restore', log) };
}

/** What speaks against a backup before it is restored. */
export async function examine(
  server: RecoveryServer,
  { backup, profile }: RecoveryRequest,
  dump: OpenDump,
): Promise<BackupExamination> {
  const { set, examination, description } = backup;
  // The manifest has the checksum, too.
  const known = examination.findings.filter(({ rule }) => rule !== 'CHECKSUM_MISSING' || examination.manifest === null);
  const { tables } = profile;
  const expected = { database: profile.database.name, tables, serverVersion: server.serverVersion };
  const examined = await examineBackup(
    { set, description, examination: { ...examination, findings: known } },
    dump,
    expected,
  );
  const tooNew = examined.findings.find(({ rule }) => rule === 'SERVER_OLDER_THAN_BACKUP');
  if (tooNew !== undefined) {
    const message = `${tooNew.message} Restore it on a server of that version or a newer one.`;
    throw new OperationalError('RESTORE_FAILED', message);
  }
  if (examined.findings.length > 0) return examined;
  return { ...examined, findings: (await dump.refuse())?.findings ?? [] };
}

export async function factsOfBackup(
  server: RecoveryServer,
  { backup, profile }: RecoveryRequest,
): Promise<DatabaseFacts> {
  const { manifest } = backup.examination;
  const { owner } = profile.database;
  const encoding = await server.encodingName(manifest?.snapshot.state.DATABASE?.['encoding'] ?? '6');
  return factsOfManifest(manifest, owner, encoding);
}

export function aboutBackup({ live, backup, takenAt, part }: Wanted): BackupOfMark {
  return { tool: 'restore-rehearsal', database: live, backup, takenAt: takenAt.toISOString(), ...(part && { part }) };
}
