import type { Contribution } from '../evidence/contribution.ts';
import type { Check, Evidence, Finding } from '../evidence/schema.ts';
import { isUnread } from '../snapshot/compare-tables.ts';
import { partsOf } from '../snapshot/compare.ts';
import type { CheckId, Difference } from '../snapshot/difference.ts';
import type { Ownership } from '../snapshot/facet.ts';
import { facets } from '../snapshot/facets.ts';
import { describeManifestAge } from '../snapshot/manifest-age.ts';
import type { FacetId, Snapshot } from '../snapshot/snapshot.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';
import { comparedWith, countPrintedOtherwise, findDifferences, here, type Reference } from '../snapshot/weigh.ts';
import { explainByWarnings, pairCounts } from '../restore/pair-counts.ts';
import { toFinding } from '../restore/to-finding.ts';
import { withRehearsedSettings } from './rehearsed-settings.ts';

/** What each check expects. */
const expectations: Record<CheckId, (before: Snapshot) => string> = {
  'row-counts': ({ tables }) => `the same number of rows in all ${tables.length} tables`,
  content: ({ tables }) => `the same content in all ${tables.length} tables`,
  'large-objects': ({ largeObjects }) => `the same ${largeObjects.rows} large objects`,
  sequences: ({ sequences }) => `${sequences.length} sequences where they were, and ahead of their columns`,
  state: () => 'the same properties of the database, extensions, indexes, constraints, triggers and views',
  definitions: ({ schema }) => `the same ${Object.keys(schema).length} definitions`,
};

/** The checks that a comparison makes. */
export const comparisonChecks = Object.keys(expectations) as CheckId[];

/**
 * Compares two snapshots and says what came of it, as a step contributes it. Pure.
 * @param reference where the first of them was taken
 * @param tolerate may make less of a difference, where the profile tolerates it
 */
export function describeComparison(
  expected: Snapshot,
  restored: Snapshot,
  { tables, ownership, database: { owner } }: { tables: string[]; ownership: Ownership; database: { owner: string } },
  reference: Reference = here,
  tolerate = (difference: Difference) => difference,
): Contribution {
  const [before, after] = [expected, restored].map((each) => withRehearsedSettings(each, ownership, owner)) as [
    Snapshot,
    Snapshot,
  ];
  const differences = findDifferences(before, after, reference).map(tolerate);
  const unread = [...before.tables, ...after.tables].filter(isUnread);
  const age = describeManifestAge(before);
  return {
    summary: summarise(before, differences),
    facts: {
      tables: before.tables.length,
      objects: Object.keys(before.schema).length,
      differences: differences.length,
    },
    counts: pairCounts(
      new Map(before.tables.map(({ name, rows }) => [name, rows])),
      after,
      tables,
      explainByWarnings([...before.tables, ...after.tables], differences),
    ),
    checks: comparisonChecks.map((id) => check(id, before, differences, unread)),
    findings: [...differences.map(toFinding), ...age.map((each): Finding => ({ ...each, severity: 'warning' }))],
    coverage: coverage(before, after, ownership, reference),
  };
}

function summarise(before: Snapshot, differences: Difference[]): string {
  if (differences.length > 0) return `${differences.length} difference${differences.length === 1 ? '' : 's'}`;
  const objects = Object.keys(before.schema).length;
  return `${before.tables.length} tables, ${before.sequences.length} sequences and ${objects} definitions are equal`;
}

function check(id: CheckId, before: Snapshot, differences: Difference[], unread: TableSnapshot[]): Check {
  const expected = expectations[id](before);
  const own = differences.filter(({ checks }) => checks.includes(id));
  const errors = own.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    return { id, status: 'failed', reason: null, expected, actual: `not ${nameObjects(errors)}` };
  }
  if (unread.length > 0 && facets.tables.checks.includes(id)) {
    const reason = unread.map(({ name, notRead }) => `${name}: ${notRead ?? ''}`).join('; ');
    return { id, status: 'not-run', reason: `could not be read: ${reason}`, expected, actual: null };
  }
  const actual = own.length === 0 ? 'all are' : `all are but ${nameObjects(own)}, which a warning tells of`;
  return { id, status: 'passed', reason: null, expected, actual };
}

function nameObjects(differences: Difference[]): string {
  const objects = [...new Set(differences.map(({ object }) => object))];
  const more = objects.length > 5 ? ` and ${objects.length - 5} more` : '';
  return `${objects.slice(0, 5).join(', ')}${more}`;
}

function coverage(before: Snapshot, after: Snapshot, ownership: Ownership, reference: Reference): Evidence['coverage'] {
  const unread = before.tables.filter(({ notRead }) => notRead !== null);
  const wanted = comparedWith(reference).filter((id) => ownership === 'preserve' || facets[id].ownership === undefined);
  const [expected, actual] = [partsOf(before), partsOf(after)];
  const isHeld = (id: FacetId) => expected[id] !== undefined && actual[id] !== undefined;
  return {
    checked: [
      ...wanted.filter(isHeld).map((id) => facets[id].covers),
      ...(ownership === 'preserve' ? ['owners and privileges'] : []),
      ...[...countPrintedOtherwise(before, after, reference)].map(
        ([what, count]) => `definitions, without what both major versions print otherwise: ${what} (${count})`,
      ),
    ],
    notChecked: [
      ...(ownership === 'preserve'
        ? [{ what: 'passwords of roles', why: 'they are never read' }]
        : [
            { what: 'owners, privileges and roles', why: 'the runbook restores with --no-owner --no-privileges' },
            {
              what: 'what roles other than the owner have set for themselves in the database',
              why: 'the runbook does not restore roles',
            },
          ]),
      ...unread.map(({ kind, name, notRead }) => ({ what: `rows of the ${kind} ${name}`, why: notRead ?? '' })),
      ...wanted
        .filter((id) => !isHeld(id))
        .map((id) => ({ what: facets[id].covers, why: whyNotHeld(id, before, after) })),
      ...before.tables.flatMap(viewNotCompared),
      {
        what: 'what was taken away from built-in objects, like a comment',
        why: 'nothing says how initdb had made them',
      },
      ...(before.unknown ?? []).map((what) => ({
        what,
        why: 'the manifest is of a newer release: this one does not know it',
      })),
    ],
  };
}

/** Rows of a materialised view are in no dump: whether it was fresh is known where its query was read. */
function viewNotCompared({ kind, name, notRead, query }: TableSnapshot): Evidence['coverage']['notChecked'] {
  const why = query === undefined ? 'what its query gives was not read at the source' : query.notRead;
  if (kind !== 'materialized view' || notRead !== null || why === null) return [];
  return [{ what: `rows of the materialized view ${name} against its query`, why }];
}

function whyNotHeld(id: FacetId, before: Snapshot, after: Snapshot): string {
  const isDenied = [...(before.denied ?? []), ...(after.denied ?? [])].some((category) => category === id);
  return isDenied
    ? 'the role that the database was read with may not see it: not a superuser, nor its owner'
    : 'the manifest was written by an older release, and does not hold it';
}
