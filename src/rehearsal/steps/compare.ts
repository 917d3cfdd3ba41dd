import type { Finding } from '../../evidence/schema.ts';
import { findDifferingKeys, type KeyDifferences } from '../../snapshot/keys.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { describeArchiveComparison } from '../archive-comparison.ts';
import { takeSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { elsewhere } from '../../snapshot/weigh.ts';
import { describeComparison } from '../comparison.ts';
import type { Drill } from '../drill.ts';
import { snapshotOptions } from '../limits.ts';
import type { StepBody } from '../step.ts';
import { weighTolerated } from '../tolerance.ts';

/** Compares the restored database with the reference. Where the source is still there, it names the rows that differ. */
export const compare: StepBody = async (drill) => {
  const after = await takeSnapshot(drill.restoredAsReader, snapshotOptions(drill));
  drill.mark('compared');
  const contribution = describe(drill, after);
  drill.counts = contribution.counts ?? {};
  if (drill.reference === null || drill.restoredName === drill.profile.database.name) return contribution;
  const findings: Finding[] = [];
  for (const finding of contribution.findings ?? []) findings.push(await nameRows(drill, drill.reference, finding));
  return { ...contribution, findings };
};

function describe(drill: Drill, after: Snapshot): Contribution {
  const { profile, backup, contents } = drill;
  if (backup === null) return describeComparison(drill.need('expected'), after, profile);
  if (drill.expected === null) {
    if (contents === null) throw new Error('Nothing says what the backup has to hold.');
    return describeArchiveComparison(contents, after, profile.tables, (finding) =>
      weighTolerated(finding, profile.tolerate, drill.startedAt),
    );
  }
  const { serverVersion } = drill.need('server');
  const reference = elsewhere(backup.description.serverVersion ?? serverVersion, serverVersion);
  return describeComparison(drill.expected, after, profile, reference);
}

const shownKeys = 10;

async function nameRows(drill: Drill, { client }: OpenSnapshot, finding: Finding): Promise<Finding> {
  if (finding.rule !== 'ROW_COUNT_MISMATCH' && finding.rule !== 'CONTENT_MISMATCH') return finding;
  const keys = await findDifferingKeys(client, drill.restoredAsReader, finding.object, shownKeys);
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
