import type { Evidence, Finding } from '../../evidence/schema.ts';
import { findDifferingKeys, type KeyDifferences } from '../../snapshot/keys.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { compareContents } from '../../restore/compare-contents.ts';
import { holdAgainstDump, type ReadDump } from '../../restore/oracle/hold-against-dump.ts';
import { takeSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { elsewhere, here } from '../../snapshot/weigh.ts';
import { describeComparison } from '../comparison.ts';
import { toolLimits } from '../limits.ts';
import { snapshotOptions } from '../snapshot-options.ts';
import { snapshotOf, type Expected } from '../expected.ts';
import type { RestoredDatabase } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody } from '../step.ts';
import type { ExaminedBackup } from './examine.ts';
import { weighTolerated } from '../../restore/tolerance.ts';

/** Compares the restored database with the reference. Where the source is still there, it names the rows that differ. */
export const compareWithReference: StepBody<{ restored: RestoredDatabase; reference: OpenSnapshot }> = async (
  { profile, stopwatch },
  { restored, reference },
) => {
  const after = await takeSnapshot(restored.asReader, snapshotOptions(restored.served));
  stopwatch.mark('compared');
  const comparison = describeComparison(reference.snapshot, after, profile);
  if (restored.name === profile.database.name) return comparison;
  const findings: Finding[] = [];
  for (const finding of comparison.findings ?? []) findings.push(await nameRows(restored, reference, finding));
  return { ...comparison, findings };
};

/** Compares the restored database with what the backup has to hold. Makes the row counts. */
export const compareWithBackup: StepBody<
  { restored: RestoredDatabase; backup: Pick<ExaminedBackup, 'expected' | 'opened' | 'description'> },
  Evidence['counts']
> = async ({ stopwatch }, { restored, backup }) => {
  const { expected } = backup;
  const { served } = restored;
  const after = await takeSnapshot(restored.asReader, snapshotOptions(served, snapshotOf(expected)?.digestVersion));
  const comparison =
    expected.by === 'dump'
      ? await compareWithDump(restored, { ...backup, contents: expected.contents }, after)
      : compareWithManifest(served, expected, after);
  stopwatch.mark('compared');
  return { ...comparison, made: comparison.counts ?? {} };
};

async function compareWithDump(
  { served, asReader }: RestoredDatabase,
  backup: ReadDump & Pick<ExaminedBackup, 'description'>,
  after: Snapshot,
): Promise<Contribution> {
  const { drill, server } = served;
  const { profile, run } = drill;
  const context = { ...backup.description, ownership: profile.ownership, restoredTo: server.serverVersion };
  const restored = { reader: asReader, runner: server, limits: toolLimits(drill) };
  const held = await holdAgainstDump(restored, backup, after, context);
  return compareContents(backup.contents, held, profile.tables, (finding) =>
    weighTolerated(finding, profile.tolerate, run.startedAt),
  );
}

function compareWithManifest(
  { drill: { profile }, server }: ServedDatabase,
  { snapshot, serverVersion }: Extract<Expected, { by: 'manifest' }>,
  after: Snapshot,
): Contribution {
  const reference = serverVersion === null ? here : elsewhere(serverVersion, server.serverVersion);
  return describeComparison(snapshot, after, profile, reference);
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
