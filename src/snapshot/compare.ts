import { compareSchemas } from './compare-schema.ts';
import { compareSequences } from './compare-sequences.ts';
import { compareState } from './compare-state.ts';
import { compareTables } from './compare-tables.ts';
import type { Difference } from './difference.ts';
import type { ContentSnapshot, Snapshot } from './snapshot.ts';

/**
 * Names every difference of a restored database from its source, each once. Pure.
 * @throws Error where their digests are of different versions, and cannot be compared
 */
export function compareSnapshots(before: Snapshot, after: Snapshot): Difference[] {
  if (before.digestVersion !== after.digestVersion) {
    throw new Error(
      `Digests of version ${after.digestVersion} were read, to compare with version ${before.digestVersion}.`,
    );
  }
  const differences = [
    ...compareTables(before.tables, after.tables),
    ...compareLargeObjects(before.largeObjects, after.largeObjects),
    ...compareSequences(before.sequences, after.sequences),
    ...compareSchemas(before.schema, after.schema),
    ...compareState(before.state, after.state),
  ];
  const first = new Map(differences.toReversed().map((difference) => [identity(difference), difference]));
  return differences.filter((difference) => first.get(identity(difference)) === difference);
}

/** Definitions name an object as it is, everything else quotes it: it is the same object. */
function identity({ rule, object }: Difference): string {
  return `${rule} ${object.replaceAll('"', '')}`;
}

function compareLargeObjects(before: ContentSnapshot, after: ContentSnapshot): Difference[] {
  if (before.rows === after.rows && before.digest === after.digest) return [];
  return [
    {
      rule: before.rows === after.rows ? 'LARGE_OBJECT_CHANGED' : 'LARGE_OBJECT_COUNT_MISMATCH',
      severity: 'error',
      object: 'large objects',
      expected: `${before.rows} with digest ${before.digest}`,
      actual: `${after.rows} with digest ${after.digest}`,
      remedy:
        'Dump the whole database: pg_dump leaves large objects out when only some schemas or tables are asked for.',
    },
  ];
}
