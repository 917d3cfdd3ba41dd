import { basename } from 'node:path';
import { custom } from '../../backup/format/archive.ts';
import { undescribed } from '../../backup/format/dump-description.ts';
import { lentBy } from '../../postgres/disposable.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import type { Counts, Finding } from '../../evidence/schema.ts';
import { findDifferingKeys, type KeyDifferences } from '../../snapshot/keys.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Difference } from '../../snapshot/difference.ts';
import type { Majors } from '../../snapshot/printed-otherwise.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { compareContents } from '../../restore/compare-contents.ts';
import { takeSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { elsewhere, here } from '../../snapshot/weigh.ts';
import { describeComparison } from '../comparison.ts';
import { askDump, confirm, type Witness } from '../second-oracle.ts';
import { notOnTarget } from '../on-target.ts';
import { snapshotOptions } from '../snapshot-options.ts';
import { snapshotOf, type Expected } from '../expected.ts';
import type { RestoredDatabase } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import { whileShown } from '../show-progress.ts';
import type { Say, StepBody } from '../step.ts';
import type { ExaminedBackup } from './examine.ts';
import { tolerateDifferences, weighTolerated } from '../../restore/tolerance.ts';

/** Compares the restored database with the reference. Where the source is still there, it names the rows that differ. */
export const compareWithReference: StepBody<{
  restored: RestoredDatabase;
  reference: OpenSnapshot;
  dump: DumpFile;
}> = async ({ profile, stopwatch, choices, run }, { restored, reference, dump }, say) => {
  const after = await readRestored(restored, reference.snapshot, say);
  stopwatch.mark('compared');
  const tolerate = tolerateDifferences(profile.tolerate, run.startedAt);
  const first = describeComparison(reference.snapshot, after, profile, here, tolerate);
  if (choices.secondOracle === true) say('comparing with the dump, too');
  const comparison =
    choices.secondOracle === true
      ? await confirm(first, restored, witnessOf(restored, dump), after, { isOfReference: true })
      : first;
  if (restored.name === profile.database.name) return comparison;
  const findings: Finding[] = [];
  for (const finding of comparison.findings ?? []) findings.push(await nameRows(restored, reference, finding));
  return { ...comparison, findings };
};

/** @param before what it is compared with; null where that is the dump */
function readRestored(restored: RestoredDatabase, before: Snapshot | null, say: Say): Promise<Snapshot> {
  const { served, name: database, asReader } = restored;
  return whileShown(say, { server: served.server, database }, { snapshot: before }, () =>
    takeSnapshot(asReader, snapshotOptions(served, before?.digestVersion)),
  );
}

type Opened = Pick<ExaminedBackup, 'set' | 'format' | 'layers' | 'expected' | 'opened' | 'description'>;

/** Compares the restored database with what the backup has to hold. Makes the row counts. */
export const compareWithBackup: StepBody<{ restored: RestoredDatabase; backup: Opened }, Counts> = async (
  { stopwatch, choices },
  { restored, backup },
  say,
) => {
  const { expected, opened, description } = backup;
  const { served } = restored;
  const after = await readRestored(restored, snapshotOf(expected), say);
  const atHand = { file: basename(backup.set.dump), isPlain: backup.format.name === 'plain', layers: backup.layers };
  const witness = { opened, description, atHand };
  const comparison =
    expected.by === 'dump'
      ? await compareWithDump(restored, witness, expected.contents, after)
      : compareWithManifest(served, expected, after);
  stopwatch.mark('compared');
  if (expected.by === 'dump' || choices.secondOracle !== true) return { ...comparison, made: comparison.counts ?? {} };
  say('comparing with the dump, too');
  // Whoever changes a dump may leave its manifest as it was.
  const confirmed = await confirm(comparison, restored, witness, after, { isOfReference: false });
  return { ...confirmed, made: comparison.counts ?? {} };
};

async function compareWithDump(
  restored: RestoredDatabase,
  witness: Witness,
  contents: DumpedContents,
  after: Snapshot,
): Promise<Contribution> {
  const { profile, run } = restored.served.drill;
  const { rowHashes, ...held } = await askDump(restored, witness, contents, after);
  const comparison = compareContents(contents, held, profile.tables, (finding) =>
    weighTolerated(finding, profile.tolerate, run.startedAt),
  );
  return { ...comparison, rowHashes };
}

function compareWithManifest(
  { drill: { profile, run }, server, upgrade }: ServedDatabase,
  { snapshot, serverVersion }: Extract<Expected, { by: 'manifest' }>,
  after: Snapshot,
): Contribution {
  const there = serverVersion === null ? here : elsewhere(serverVersion, server.serverVersion);
  const leftOut = lentBy(server.admin) === null ? there.leftOut : notOnTarget;
  const reference = { ...there, leftOut, isUpgrade: upgrade !== null };
  const tolerate = tolerateDifferences(profile.tolerate, run.startedAt);
  return describeComparison(snapshot, after, profile, reference, (difference) =>
    tolerate(upgrade === null ? difference : withNewVersion(difference, upgrade)),
  );
}

/** Of an upgrade, the version of an extension is not one to be brought back. */
function withNewVersion(difference: Difference, { to }: Majors): Difference {
  if (difference.rule !== 'EXTENSION_CHANGED' || difference.severity !== 'warning') return difference;
  const remedy = `PostgreSQL ${to} brings this version: read what is new in it, and let the probes of the application use it.`;
  return { ...difference, remedy };
}

/** The dump of this very run. */
function witnessOf({ served }: RestoredDatabase, dump: DumpFile): Witness {
  const atHand = { file: basename(dump.file), isPlain: false, layers: [] };
  return { opened: custom.open(dump, served.reader), description: undescribed, atHand };
}

const shownKeys = 10;

async function nameRows({ asReader }: RestoredDatabase, { client }: OpenSnapshot, finding: Finding): Promise<Finding> {
  if (finding.rule !== 'ROW_COUNT_MISMATCH' && finding.rule !== 'CONTENT_MISMATCH') return finding;
  const keys = await findDifferingKeys(client, asReader, finding.object, shownKeys);
  if (keys === null)
    return { ...finding, message: `${finding.message} Without a primary key its rows cannot be named.` };
  return { ...finding, message: `${finding.message} By primary key: ${describeKeys(keys)}.` };
}

function describeKeys(differences: KeyDifferences): string {
  return (['missing', 'extra', 'changed'] as const)
    .filter((kind) => differences[kind].count > 0)
    .map((kind) => {
      const { count, first } = differences[kind];
      return `${count} ${kind}: ${first.join(' ')}${count > first.length ? ' …' : ''}`;
    })
    .join('; ');
}
