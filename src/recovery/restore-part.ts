import type { BackupFinding } from '../backup/format/backup-finding.ts';
import { assertSameOwnership } from '../backup/same-ownership.ts';
import type { ListedEntry } from '../postgres/listed-entry.ts';
import { readMoment } from '../restore/backup-moment.ts';
import { choosePart, type Part } from '../restore/part/choose-part.ts';
import { qualify, type Selection } from '../restore/part/find-tables.ts';
import { OperationalError } from '../system/operational-error.ts';
import { comparePart, type ComparedPart } from './compare-part.ts';
import { planRestore } from './plan.ts';
import type { RecoveryServer } from './recovery-server.ts';
import { ownershipOf, type RecoveryRequest } from './request.ts';
import { aboutBackup, examine, factsOfBackup, makeAnew, readerOf } from './restore-beside.ts';

/** What came of restoring a part of a backup beside the live database. */
export type RestoredPart =
  /** The files are not what was backed up: nothing was restored. */
  | { verdict: 'refused'; findings: BackupFinding[] }
  | (ComparedPart & {
      name: string;
      /** Whether an earlier run had restored it. */
      reused: boolean;
      part: Part;
    });

/**
 * Restores some tables of a backup into a database of their own beside the live one, and compares their rows with the
 * manifest. It never takes the place of the live one.
 * @throws OperationalError BAD_USAGE where the backup has no table of a name, or cannot be divided, and for what is not the backup's fault
 */
export async function restorePart(
  server: RecoveryServer,
  request: RecoveryRequest,
  selection: Selection,
): Promise<RestoredPart> {
  const { backup, profile } = request;
  const { manifest, sha256 } = backup.examination;
  const dump = backup.format.open(backup.dump, readerOf(server, request));
  const { findings, contents } = await examine(server, request, dump);
  if (findings.length > 0) return { verdict: 'refused', findings };
  if (manifest !== null) assertSameOwnership(profile, manifest);
  const entries = await dump.readEntries();
  if (entries === null) {
    const message =
      'A plain SQL dump does not say what its tables need, and so cannot be restored in part. Restore all of it beside the live database, without --table and --schema.';
    throw new OperationalError('BAD_USAGE', message);
  }
  if (!Array.isArray(entries)) return { verdict: 'refused', findings: [entries] };
  const part = choosePart(entries, selection);
  const { takenAt } = readMoment(backup, profile.database.name);
  const wanted = { live: server.live, backup: sha256, takenAt, part: partMark(part) };
  const facts = (await server.readFacts(server.live)) ?? (await factsOfBackup(server, request));
  await server.assertPermitted(facts.owner, ownershipOf(request) === 'preserve' || profile.restoreAs === 'superuser');
  const about = aboutBackup(wanted);
  const { name, found, passedOver } = planRestore(await server.listDatabases(), wanted);
  for (const { name: other, why } of passedOver) request.say(`leaving ${other} alone: ${why}`);
  const reused = found === 'finished';
  const owners = ownersOf(entries, part);
  const opened = { ...dump, readOwners: () => Promise.resolve((role: string) => owners.has(role)) };
  if (!reused) await makeAnew(server, request, { name, found, facts, about, dump: opened, only: part.ids });
  request.say(`comparing the tables in ${name} with ${manifest === null ? 'what the dump holds' : 'the manifest'}`);
  const compared = await comparePart(server, request, { name, part, dump, contents });
  await server.markFinished(name, { ...about, state: compared.verdict });
  return { ...compared, name, reused, part };
}

/** The same for the same tables, in whichever order they were asked for: a comment of the database says it. Pure. */
function partMark({ tables }: Part): string {
  return tables.map(qualify).toSorted().join(', ');
}

function ownersOf(entries: ListedEntry[], { ids }: Part): Set<string> {
  return new Set(entries.filter(({ id }) => ids.has(id)).flatMap(({ owner }) => owner ?? []));
}

/** @throws OperationalError BAD_USAGE: what is not the whole must not take the place of the live database */
export function assertNotSwitched(isPart: boolean, isSwitched: boolean): void {
  if (!isPart || !isSwitched) return;
  const message =
    'A part of a backup never takes the place of the live database: give --switch without --table and --schema, or bring rows back by the SQL that is shown without --switch.';
  throw new OperationalError('BAD_USAGE', message);
}
