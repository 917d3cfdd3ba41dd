import type { Evidence, Finding } from '../../evidence/schema.ts';
import { findDifferingKeys, type KeyDifferences } from '../../snapshot/keys.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { compareContents } from '../../restore/compare-contents.ts';
import { takeSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { elsewhere, here } from '../../snapshot/weigh.ts';
import { describeComparison } from '../comparison.ts';
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
  { restored: RestoredDatabase; backup: Pick<ExaminedBackup, 'expected'> },
  Evidence['counts']
> = async ({ stopwatch }, { restored, backup: { expected } }) => {
  const { served } = restored;
  const after = await takeSnapshot(restored.asReader, snapshotOptions(served, snapshotOf(expected)?.digestVersion));
  stopwatch.mark('compared');
  const comparison = describe(served, expected, after);
  return { ...comparison, made: comparison.counts ?? {} };
};

function describe({ drill, server }: ServedDatabase, expected: Expected, after: Snapshot): Contribution {
  const { profile, run } = drill;
  if (expected.by === 'dump') {
    return compareContents(expected.contents, after, profile.tables, (finding) =>
      weighTolerated(finding, profile.tolerate, run.startedAt),
    );
  }
  const { snapshot, serverVersion } = expected;
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
