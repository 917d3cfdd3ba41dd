import { countRows, describeRows, isSame, type Rows } from './compare-rows.ts';
import type { Found } from './difference.ts';
import { formatDigest } from './digest-query.ts';
import type { TableSnapshot } from './table-snapshot.ts';

/**
 * Partitions that a hash of the key tells apart, with the topmost table that is partitioned so. A hash may be another one
 * after a restore, as that of an enum is, which goes by its oid: then rows are in other partitions, and in the table all the
 * same. Manifests of before do not say it: then the restored table does. Pure.
 */
export function hashedTableOf(before: TableSnapshot[], after: TableSnapshot[]): Map<string, string> {
  const hashed = new Map<string, string>();
  for (const { name, hashedIn } of [...before, ...after]) if (hashedIn !== undefined) hashed.set(name, hashedIn);
  return hashed;
}

/** Compares the rows of all hash partitions of a table together. Pure. */
export function compareHashPartitions(
  before: TableSnapshot[],
  after: TableSnapshot[],
  hashedIn: Map<string, string>,
): Found[] {
  return [...new Set(hashedIn.values())].flatMap((table) => {
    const [held, restored] = [before, after].map((all) =>
      all.filter(({ name, kind }) => hashedIn.get(name) === table && kind !== 'partitioned'),
    ) as [TableSnapshot[], TableSnapshot[]];
    // What is missing, or was not read, is said of the partition.
    if ([...held, ...restored].some(({ notRead }) => notRead !== null)) return [];
    const moved = held.filter(({ name, ...rows }) => {
      const counterpart = restored.find((partition) => partition.name === name);
      return counterpart !== undefined && !isSame(rows, counterpart);
    });
    if (moved.length === 0) return [];
    const [expected, actual] = [addUp(held), addUp(restored)];
    const partitions = moved.map(({ name }) => name).join(', ');
    return [
      isSame(expected, actual) ? rowsMoved(table, expected, partitions) : lost(table, expected, actual, partitions),
    ];
  });
}

/** A digest is two sums of 64 bits, so that of several tables that were read is theirs added up. */
function addUp(partitions: TableSnapshot[]): Rows {
  const half = (from: number) =>
    partitions.reduce((sum, { digest }) => sum + BigInt(`0x${String(digest).slice(from, from + 16)}`), 0n).toString();
  const rows = partitions.reduce((sum, partition) => sum + Number(partition.rows), 0);
  return { rows, digest: formatDigest(half(16), half(0)) };
}

/** Context: see hashedTableOf; still caught: a row that is missing, added or changed, in the table. */
function rowsMoved(object: string, rows: Rows, partitions: string): Found {
  return {
    rule: 'ROWS_IN_OTHER_PARTITIONS',
    kind: 'changed',
    origin: 'derived',
    severity: 'error',
    object,
    expected: `its ${countRows(rows)} in the same hash partitions`,
    actual: `all of them, and others than before in ${partitions}`,
    remedy:
      'Nothing is lost: the hash of the key is another one after a restore, as that of an enum is, which goes by its oid.',
  };
}

function lost(table: string, before: Rows, after: Rows, partitions: string): Found {
  const found = describeRows(table, before, after);
  return { ...found, actual: `${found.actual}; the partitions that differ are ${partitions}` };
}
