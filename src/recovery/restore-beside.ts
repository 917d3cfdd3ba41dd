import { basename } from 'node:path';
import { parseBackupName } from '../backup/backup-name.ts';
import type { BackupFinding } from '../backup/backup-finding.ts';
import { examineContents } from '../backup/examine.ts';
import { assertSameOwnership } from '../backup/same-ownership.ts';
import { readArchiveContents } from '../postgres/archive-contents.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Difference } from '../snapshot/difference.ts';
import { currentDigest } from '../snapshot/digest-version.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { factsOfManifest, type DatabaseFacts } from './database-facts.ts';
import { fill, readContents } from './fill.ts';
import type { BackupOfMark } from './marks.ts';
import { planRestore, type Destination, type Wanted } from './plan.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { assertNotInterrupted, ownershipOf, type RecoveryRequest } from './request.ts';
import { readDatabase, verifyRestored } from './verify.ts';

/** What came of restoring a backup beside the live database. */
export type RestoredBeside =
  /** The files are not what was backed up: nothing was restored. */
  | { verdict: 'refused'; problems: BackupFinding[] }
  /** `differences` are warnings alone where it is verified; there are none where there is no manifest to compare with. */
  | {
      verdict: 'verified' | 'different' | 'not-compared';
      name: string;
      /** Whether an earlier run had restored it. */
      reused: boolean;
      about: BackupOfMark;
      /** What belonged to the database that is live, or was when the backup was taken. */
      facts: DatabaseFacts;
      snapshot: Snapshot;
      differences: Difference[];
    };

/**
 * Restores a backup into a database beside the live one, and compares it with its manifest. The live one goes on serving.
 * What an earlier run has finished is used again; what it has not is made anew.
 * @throws OperationalError for what is not the backup's fault; what had been restored by then is gone again
 */
export async function restoreBeside(server: RecoveryServer, request: RecoveryRequest): Promise<RestoredBeside> {
  const { examination, profile } = request;
  const contents = await readContents(server, request);
  const problems = findProblems(server, request, contents);
  if (problems.length > 0) return { verdict: 'refused', problems };
  if (examination.manifest !== null) assertSameOwnership(profile, examination.manifest);
  const wanted = { live: server.live, backup: examination.sha256, takenAt: readTakenAt(request, contents) };
  const facts = (await server.readFacts(server.live)) ?? (await factsOfBackup(server, request));
  await server.assertPermitted(facts.owner, ownershipOf(request) === 'preserve' || profile.restoreAs === 'superuser');
  const about = aboutBackup(wanted);
  const { name, found, passedOver } = planRestore(await server.listDatabases(), wanted);
  for (const { name: other, why } of passedOver) request.say(`leaving ${other} alone: ${why}`);
  const reused = found === 'finished';
  if (!reused) await makeAnew(server, request, { name, found, facts, about, contents });
  request.say(`comparing ${name} with the manifest`);
  const compared = await compare(server, request, name);
  await server.markFinished(name, { ...about, state: compared.verdict });
  return { ...compared, name, reused, about, facts };
}

async function compare(server: RecoveryServer, request: RecoveryRequest, name: string) {
  const { manifest } = request.examination;
  const digestVersion = manifest?.snapshot.digestVersion ?? currentDigest;
  const reading = { ownership: ownershipOf(request), digestVersion };
  const snapshot = await readDatabase(server, name, reading, request.limits);
  if (manifest === null) return { verdict: 'not-compared' as const, snapshot, differences: [] };
  const differences = verifyRestored(manifest, snapshot, server.serverVersion);
  const isDifferent = differences.some(({ severity }) => severity === 'error');
  return { verdict: isDifferent ? ('different' as const) : ('verified' as const), snapshot, differences };
}

interface NewDatabase {
  name: string;
  found: Destination['found'];
  facts: DatabaseFacts;
  about: BackupOfMark;
  contents: string;
}

async function makeAnew(server: RecoveryServer, request: RecoveryRequest, made: NewDatabase): Promise<void> {
  const { name, found, facts, about, contents } = made;
  if (found === 'unfinished') {
    request.say(`dropping ${name}, whose restore was ended before it was done`);
    await server.dropUnfinished(name, about.backup);
    await server.removeLeftRoles();
  }
  request.say(`restoring into ${name}`);
  await server.create(name, facts, { ...about, state: 'unfinished' });
  try {
    const allowed = await allowedExtensions(server, request);
    await fill(server, name, request, { contents, owner: facts.owner, allowed });
    await server.markFinished(name, { ...about, state: 'restored' });
  } catch (error) {
    // The live database needs the space that it would take up. The first error is the one to be seen.
    await server.dropUnfinished(name, about.backup).catch(() => {
      request.say(`${name} could not be dropped now; the next start does it`);
    });
    await server.removeLeftRoles();
    assertNotInterrupted(request);
    throw error;
  }
}

/** Extensions that the live database has may be had by the restored one; where it is gone, those that it had. */
async function allowedExtensions(server: RecoveryServer, { examination, profile }: RecoveryRequest): Promise<string[]> {
  // A live database that cannot be read may be why this is done.
  const live = await server.listExtensions(server.live).catch(() => null);
  const had = Object.keys(examination.manifest?.snapshot.state.EXTENSION ?? {});
  return live ?? [...had, ...profile.extensions];
}

function findProblems(server: RecoveryServer, { examination, profile }: RecoveryRequest, contents: string) {
  // The manifest has the checksum, too.
  const files = examination.problems.filter(({ rule }) => rule !== 'CHECKSUM_MISSING' || examination.manifest === null);
  const head = readArchiveContents(contents);
  if (head === null) return files;
  const expected = { database: profile.database.name, serverVersion: server.serverVersion };
  const problems = examineContents(head, expected);
  const tooNew = problems.find(({ rule }) => rule === 'SERVER_OLDER_THAN_BACKUP');
  if (tooNew !== undefined) {
    throw new OperationalError(
      'RESTORE_FAILED',
      `${tooNew.message} Restore it on a server of that version or a newer one.`,
    );
  }
  return [...files, ...problems];
}

/** For the name. An archive says its time without a zone that could be relied on. */
function readTakenAt({ set, examination, profile }: RecoveryRequest, contents: string): Date {
  const { manifest } = examination;
  if (manifest !== null) return new Date(manifest.takenAt);
  const named = parseBackupName(basename(set.dump), profile.database.name);
  if (named !== null) return named.takenAt;
  const [, date, time] = /^; Archive created at (\S+) (\S+)/m.exec(contents) ?? [];
  if (date !== undefined && time !== undefined) return new Date(`${date}T${time}.000Z`);
  throw new OperationalError('RESTORE_FAILED', `The archive ${set.dump} does not say when it was made.`);
}

async function factsOfBackup(
  server: RecoveryServer,
  { examination, profile }: RecoveryRequest,
): Promise<DatabaseFacts> {
  const { manifest } = examination;
  const { owner } = profile.database;
  const encoding = await server.encodingName(manifest?.snapshot.state.DATABASE?.['encoding'] ?? '6');
  return factsOfManifest(manifest, owner, encoding);
}

function aboutBackup({ live, backup, takenAt }: Wanted): BackupOfMark {
  return { tool: 'restore-rehearsal', database: live, backup, takenAt: takenAt.toISOString() };
}
