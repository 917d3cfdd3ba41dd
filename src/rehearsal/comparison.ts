import type { Contribution } from '../evidence/contribution.ts';
import type { Check, Evidence, Finding } from '../evidence/schema.ts';
import { compareSnapshots } from '../snapshot/compare.ts';
import { isUnread } from '../snapshot/compare-tables.ts';
import type { Difference } from '../snapshot/difference.ts';
import { describeOutdatedDigest } from '../snapshot/outdated-digest.ts';
import type { Snapshot, StateCategory, TableSnapshot } from '../snapshot/snapshot.ts';
import { stateQueries, type Ownership } from '../snapshot/state-queries.ts';
import { pairCounts } from './pair-counts.ts';

/** The checks that a comparison makes. */
export const comparisonChecks = ['row-counts', 'content', 'large-objects', 'sequences', 'definitions', 'state'];

/**
 * Compares two snapshots and says what came of it, as a step contributes it. Pure.
 * @param weigh may make less of a difference, or nothing, where it knows that the backup is not to blame
 */
export function describeComparison(
  before: Snapshot,
  after: Snapshot,
  { tables, ownership }: { tables: string[]; ownership: Ownership },
  weigh: (difference: Difference) => Difference | null = (difference) => difference,
): Contribution {
  const differences = compareSnapshots(before, after)
    .map(weigh)
    .filter((difference) => difference !== null);
  const unread = [...before.tables, ...after.tables].filter(isUnread);
  const outdated = describeOutdatedDigest(before.digestVersion);
  return {
    summary: summarise(before, differences),
    facts: {
      tables: before.tables.length,
      objects: Object.keys(before.schema).length,
      differences: differences.length,
    },
    counts: pairCounts(before, after, tables),
    checks: checks(before, differences, unread),
    findings: [
      ...differences.map(toFinding),
      ...(outdated === null ? [] : [{ ...outdated, severity: 'warning' as const }]),
    ],
    coverage: coverage(before, after, ownership),
  };
}

function summarise(before: Snapshot, differences: Difference[]): string {
  if (differences.length > 0) return `${differences.length} difference${differences.length === 1 ? '' : 's'}`;
  const objects = Object.keys(before.schema).length;
  return `${before.tables.length} tables, ${before.sequences.length} sequences and ${objects} definitions are equal`;
}

const kinds: { id: string; expected: (before: Snapshot) => string; covers: (rule: string) => boolean }[] = [
  {
    id: 'row-counts',
    expected: ({ tables }) => `the same number of rows in all ${tables.length} tables`,
    covers: (rule) => rule === 'ROW_COUNT_MISMATCH' || rule === 'TABLE_MISSING' || rule === 'TABLE_UNEXPECTED',
  },
  {
    id: 'content',
    expected: ({ tables }) => `the same content in all ${tables.length} tables`,
    covers: (rule) => /^(ROW_COUNT|CONTENT)_MISMATCH$|^TABLE_(MISSING|UNEXPECTED)$/.test(rule),
  },
  {
    id: 'large-objects',
    expected: ({ largeObjects }) => `the same ${largeObjects.rows} large objects`,
    covers: (rule) => rule.startsWith('LARGE_OBJECT_'),
  },
  {
    id: 'sequences',
    expected: ({ sequences }) => `${sequences.length} sequences where they were, and ahead of their columns`,
    covers: (rule) => rule === 'SEQUENCE_POSITION_MISMATCH' || rule === 'SEQUENCE_BEHIND',
  },
  {
    id: 'state',
    expected: () => 'the same properties of the database, extensions, indexes, constraints, triggers and views',
    covers: (rule) =>
      /^(DATABASE|DATABASE_SETTING|COLLATION_VERSION|ROLE|ROLE_MEMBERSHIP|MATERIALIZED_VIEW_DATA|.*_STATE)_(MISSING|UNEXPECTED|CHANGED)$/.test(
        rule,
      ) || rule === 'EXTENSION_CHANGED',
  },
];

function checks(before: Snapshot, differences: Difference[], unread: TableSnapshot[]): Check[] {
  const made = kinds.map(({ id, expected, covers }) =>
    check(
      id,
      expected(before),
      differences.filter(({ rule }) => covers(rule)),
      ['row-counts', 'content'].includes(id) ? unread : [],
    ),
  );
  const rest = differences.filter(({ rule }) => !kinds.some(({ covers }) => covers(rule)));
  const objects = Object.keys(before.schema).length;
  return [...made, check('definitions', `the same ${objects} definitions`, rest, [])];
}

function check(id: string, expected: string, differences: Difference[], unread: TableSnapshot[]): Check {
  const errors = differences.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const objects = [...new Set(errors.map(({ object }) => object))];
    const more = objects.length > 5 ? ` and ${objects.length - 5} more` : '';
    return { id, status: 'failed', reason: null, expected, actual: `not ${objects.slice(0, 5).join(', ')}${more}` };
  }
  if (unread.length > 0) {
    const reason = unread.map(({ name, notRead }) => `${name}: ${notRead ?? ''}`).join('; ');
    return { id, status: 'not-run', reason: `could not be read: ${reason}`, expected, actual: null };
  }
  return { id, status: 'passed', reason: null, expected, actual: 'all are' };
}

/** A difference as it is told in the evidence. Pure. */
export function toFinding({ rule, severity, object, expected, actual, remedy, diff }: Difference): Finding {
  return {
    rule,
    severity,
    object,
    message: `${object}: expected ${expected}, found ${actual}.`,
    remedy,
    diff: diff ?? null,
  };
}

function coverage(before: Snapshot, after: Snapshot, ownership: Ownership): Evidence['coverage'] {
  const unread = before.tables.filter(({ notRead }) => notRead !== null);
  return {
    checked: [
      'rows of every table, partition, inheritance child and materialised view, by number and by a 128-bit digest of their content',
      'large objects, by number, content and comment',
      'positions of sequences, and that the next value is a new one',
      'definitions of every object, as pg_dump writes them, with comments',
      'encoding, locale, collation versions, settings and comment of the database; versions of extensions; validity of indexes and constraints; state of triggers, row security, replica identity and materialised views',
      ...(ownership === 'preserve' ? ['owners, privileges, roles and their memberships'] : []),
    ],
    notChecked: [
      ...(ownership === 'preserve'
        ? [{ what: 'passwords of roles', why: 'they are never read' }]
        : [{ what: 'owners, privileges and roles', why: 'the runbook restores with --no-owner --no-privileges' }]),
      ...unread.map(({ kind, name, notRead }) => ({ what: `rows of the ${kind} ${name}`, why: notRead ?? '' })),
      ...stateNotRead(before, after, ownership).map((category) => ({
        what: category.toLowerCase().replaceAll('_', ' '),
        why: 'the role that the database was read with may not see it: not a superuser, nor its owner',
      })),
      {
        what: 'the order of columns in inheritance children',
        why: 'a restore may change it, and nothing depends on it',
      },
    ],
  };
}

/** What should have been read, and was not, on one side at least. */
function stateNotRead(before: Snapshot, after: Snapshot, ownership: Ownership): StateCategory[] {
  const wanted = new Set(
    stateQueries
      .filter((query) => query.ownership !== 'preserve' || ownership === 'preserve')
      .map(({ category }) => category),
  );
  return [...wanted].filter((category) => before.state[category] === undefined || after.state[category] === undefined);
}
