import type { Contribution } from '../evidence/contribution.ts';
import type { Check, Evidence, Finding } from '../evidence/schema.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import { compareSequences } from '../snapshot/compare-sequences.ts';
import type { CheckId } from '../snapshot/difference.ts';
import type { SequenceSnapshot, Snapshot } from '../snapshot/snapshot.ts';
import { findTable } from '../snapshot/find-table.ts';
import { toFinding } from './to-finding.ts';
import { findMissingParts, type MissingPart } from './dump-parts.ts';

const noManifest = 'the backup has no manifest, so nothing says what the source held';
const notTold =
  'a dump does not say what pg_dump was told to leave out: whole tables and schemas, rows behind row-level security, large objects, comments, publications and the like';

/**
 * Compares a restored database with what its dump holds by its own account: all that can be told without a manifest. Pure.
 * @param first tables that stand first in the evidence, and have to be there
 * @param weigh may make less of a part that the dump leaves out, where the profile tolerates it
 */
export function compareContents(
  contents: DumpedContents,
  after: Snapshot,
  first: string[],
  weigh: (finding: Finding) => Finding,
): Contribution {
  const held = new Map([...contents.rows].map(([name, rows]) => [withoutPublic(name), rows]));
  const counts = pairCounts(held, after, first);
  const missing = findMissingParts(contents, after, first).map((part) => ({ ...part, finding: weigh(part.finding) }));
  const rows = compareRows(counts);
  const sequences = [
    ...findMissingSequences(contents, after),
    ...compareSequences(heldSequences(contents, after), after.sequences).map(toFinding),
  ];
  const largeObjects = compareLargeObjects(contents, after);
  const findings = [...missing.map(({ finding }) => finding), ...rows, ...sequences, ...largeObjects];
  const counted = [...held.values()].reduce((sum, count) => sum + count, 0);
  return {
    summary:
      findings.length > 0
        ? `${findings.length} difference${findings.length === 1 ? '' : 's'}`
        : summarise(counted, contents),
    facts: { tables: held.size, rows: counted, differences: findings.length },
    counts,
    checks: [
      check('row-counts', `the ${counted} rows that the dump holds in ${held.size} tables`, [
        ...ofCheck(missing, 'row-counts'),
        ...rows,
      ]),
      check('large-objects', `the ${contents.largeObjects} large objects that the dump holds`, largeObjects),
      check('sequences', `${contents.sequences.size} sequences where the dump sets them`, [
        ...ofCheck(missing, 'sequences'),
        ...sequences,
      ]),
      notApplicable('content'),
      definitionsCheck(ofCheck(missing, 'definitions')),
      notApplicable('state'),
    ],
    findings,
    coverage: coverage(contents),
  };
}

function summarise(counted: number, { rows, inserts }: DumpedContents): string {
  if (inserts > 0) return `${inserts} rows were inserted, and are not counted by table`;
  return `${counted} rows of ${rows.size} tables, as many as the dump holds`;
}

function pairCounts(held: Map<string, number>, after: Snapshot, first: string[]): Evidence['counts'] {
  const restored = new Map(after.tables.map(({ name, rows }) => [name, rows]));
  const names = new Set([
    ...first.map((name) => findTable(after, name)?.name ?? name),
    ...restored.keys(),
    ...held.keys(),
  ]);
  return Object.fromEntries(
    [...names].map((name) => [name, { before: held.get(name) ?? null, after: restored.get(name) ?? null }]),
  );
}

function compareRows(counts: Evidence['counts']): Finding[] {
  return Object.entries(counts).flatMap(([name, { before, after: restored }]): Finding[] => {
    if (before === null || before === restored) return [];
    return [
      {
        rule: restored === null ? 'TABLE_MISSING' : 'ROW_COUNT_MISMATCH',
        severity: 'error',
        object: name,
        message: `${name}: the dump holds ${before} rows, the restored database ${restored === null ? 'has no such table' : `has ${restored}`}.`,
        remedy: 'Look for triggers that write while rows are restored, and read the log of the restore.',
      },
    ];
  });
}

function findMissingSequences({ sequences }: DumpedContents, after: Snapshot): Finding[] {
  // What has to be quoted differs between versions.
  const bare = (name: string) => name.replaceAll('"', '');
  const restored = new Set(after.sequences.map(({ name }) => bare(name)));
  const missing = [...sequences.keys()].map(withoutPublic).filter((name) => !restored.has(bare(name)));
  return missing.map((name) => ({
    rule: 'SEQUENCE_MISSING',
    severity: 'error',
    object: name,
    message: `${name}: the dump sets this sequence, the restored database has none of that name.`,
    remedy: 'Read the log of the restore.',
  }));
}

/** A dump says where it sets a sequence; the rest is the restored one's own. */
function heldSequences({ sequences }: DumpedContents, after: Snapshot): SequenceSnapshot[] {
  return [...sequences].flatMap(([name, reading]) => {
    const restored = after.sequences.find((sequence) => sequence.name === withoutPublic(name));
    return restored === undefined ? [] : [{ ...restored, from: reading, to: reading }];
  });
}

function compareLargeObjects({ largeObjects }: DumpedContents, after: Snapshot): Finding[] {
  const { rows } = after.largeObjects;
  if (rows === largeObjects) return [];
  return [
    {
      rule: 'LARGE_OBJECT_COUNT_MISMATCH',
      severity: 'error',
      object: 'large objects',
      message: `The dump holds ${largeObjects} large objects, the restored database ${rows}.`,
      remedy: 'Read the log of the restore.',
    },
  ];
}

function coverage({ rows, inserts }: DumpedContents): Evidence['coverage'] {
  return {
    checked: [
      `that as many rows were restored as the dump holds, in ${rows.size} tables`,
      'positions of sequences, as the dump sets them, and that the next value is a new one',
      'the number of large objects',
    ],
    notChecked: [
      { what: 'whether the dump holds all that its source held', why: `${noManifest}, and ${notTold}` },
      { what: 'the content of rows and large objects', why: noManifest },
      { what: 'definitions, and the state of the database', why: noManifest },
      ...(inserts === 0 ? [] : [{ what: `${inserts} rows`, why: 'they are written as INSERT, which is not counted' }]),
    ],
  };
}

/** Without a manifest, only this can be said of definitions: that a kind of them is missing altogether. */
function definitionsCheck(missing: Finding[]): Check {
  return missing.length === 0
    ? notApplicable('definitions')
    : check('definitions', 'keys and indexes of tables', missing);
}

function notApplicable(id: CheckId): Check {
  return { id, status: 'not-applicable', reason: noManifest, expected: null, actual: null };
}

function ofCheck(missing: MissingPart[], check: CheckId): Finding[] {
  return missing.filter((part) => part.check === check).map(({ finding }) => finding);
}

function check(id: CheckId, expected: string, findings: Finding[]): Check {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const failed = errors.length > 0;
  const objects = errors.slice(0, 5).map(({ object }) => object);
  return {
    id,
    status: failed ? 'failed' : 'passed',
    reason: null,
    expected,
    actual: failed ? `not ${objects.join(', ')}` : 'all are',
  };
}

/** As snapshots name tables and sequences. */
function withoutPublic(name: string): string {
  return name.replace(/^public\./, '');
}
