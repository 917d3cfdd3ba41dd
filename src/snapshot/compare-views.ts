import { countRows, describeRows, isSame } from './compare-rows.ts';
import type { Found } from './difference.ts';
import type { TableSnapshot, ViewQuery } from './table-snapshot.ts';

/**
 * Compares a materialised view that came back with other rows than it held. A dump holds none of them: a restore runs its
 * query, so what has to come back is what the query gave at the source, be the view fresh there or not. Pure.
 * @param tables of the source
 */
export function compareView(before: TableSnapshot, after: TableSnapshot, tables: TableSnapshot[]): Found {
  const { name, query } = before;
  if (query === undefined || query.notRead !== null) return { ...describeRows(name, before, after), ...computedAnew };
  const why = whyItVaries(query, tables);
  if (why !== null) return derived('MATERIALIZED_VIEW_VARIES', before, after, varyingRemedy(why));
  // It was fresh, or not even its query explains what came back.
  if (!isSame(query, after)) return { ...describeRows(name, query, after), remedy: notAsQueried };
  return derived('MATERIALIZED_VIEW_STALE', before, after, staleRemedy);
}

function whyItVaries({ varies, reads }: ViewQuery, tables: TableSnapshot[]): string | null {
  if (varies.length > 0) return `it depends on ${varies.join(', ')}`;
  for (const name of reads) {
    const read = tables.find((table) => table.name === name);
    if (read?.query === undefined) return `it reads ${name}, of which that is not known`;
    if (read.query.notRead !== null) return `it reads ${name}: ${read.query.notRead}`;
    if (!isSame(read, read.query)) return `it reads ${name}, which had not been refreshed since its tables changed`;
    const why = whyItVaries(read.query, tables);
    if (why !== null) return `it reads ${name}: ${why}`;
  }
  return null;
}

/** A difference that says nothing against the backup. */
function derived(rule: string, before: TableSnapshot, after: TableSnapshot, remedy: string): Found {
  return {
    ...describeRows(before.name, before, after),
    rule,
    origin: 'derived',
    expected: `the ${countRows(before)} that it held at the source`,
    actual: `${countRows(after)} of its query`,
    remedy,
  };
}

/**
 * Context: a dump holds no rows of a materialised view: a restore computes them anew, maybe from later rows of its tables than
 * it was refreshed with; still caught: its tables, its definition, and a view without data.
 */
const computedAnew = {
  origin: 'derived',
  remedy: 'A restore computes it anew. If that is not expected, refresh it at the source, and see what it depends on.',
} as const;

const notAsQueried =
  'A restore computes the view from the same tables, and it came out otherwise: see which functions, collations or policies its query depends on.';

const staleRemedy =
  'Nothing is lost: it had not been refreshed at the source since its tables changed, and a restore refreshes it.';

function varyingRemedy(why: string): string {
  return `Nothing says that anything is lost: a restore computes it anew, and ${why}.`;
}
