import type { Finding } from '../../evidence/schema.ts';
import { findDifferingKeys, type KeyDifferences } from '../../snapshot/keys.ts';
import { takeSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { describeComparison } from '../comparison.ts';
import type { Drill } from '../drill.ts';
import { snapshotOptions } from '../limits.ts';
import type { StepBody } from '../step.ts';

/** Compares the restored database with the reference. Where the source is still there, it names the rows that differ. */
export const compare: StepBody = async (drill) => {
  const after = await takeSnapshot(drill.restoredAsReader, snapshotOptions(drill));
  drill.mark('compared');
  const contribution = describeComparison(drill.need('expected'), after, drill.profile);
  if (drill.reference === null || drill.restoredName === drill.profile.database.name) return contribution;
  const findings: Finding[] = [];
  for (const finding of contribution.findings ?? []) findings.push(await nameRows(drill, drill.reference, finding));
  return { ...contribution, findings };
};

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
