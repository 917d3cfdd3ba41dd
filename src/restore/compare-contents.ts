import type { Contribution } from '../evidence/contribution.ts';
import type { Check, Counts, Evidence, Finding } from '../evidence/schema.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import { compareSequences } from '../snapshot/compare-sequences.ts';
import type { CheckId, Difference } from '../snapshot/difference.ts';
import type { SequenceSnapshot, Snapshot } from '../snapshot/snapshot.ts';
import { findTable } from '../snapshot/find-table.ts';
import { findMissingParts, type MissingPart } from './dump-parts.ts';
import type { ComparedTable, RowComparison } from './oracle/row-comparison.ts';
import { pairCounts } from './pair-counts.ts';
import { toFinding } from './to-finding.ts';

const noManifest = 'the backup has no manifest, so nothing says what the source held';
const whatNoDumpHolds =
  'what no dump holds: settings and validity, objects in system schemas, changes to members of extensions and to what is built in';
const notTold =
  'a dump does not say what pg_dump was told to leave out: whole tables and schemas, rows behind row-level security, large objects, comments, publications and the like';

/** A restored database, and what came of holding it against its dump. */
export interface RestoredContents {
  after: Snapshot;
  rows: RowComparison;
  /** A text says why they were not compared. */
  definitions: Difference[] | string;
}

/**
 * Says what a restored database has of what its dump holds: all that can be told without a manifest. Pure.
 * @param first tables that stand first in the evidence, and have to be there
 * @param weigh may make less of a part that the dump leaves out, where the profile tolerates it
 */
export function compareContents(
  contents: DumpedContents,
  { after, rows, definitions }: RestoredContents,
  first: string[],
  weigh: (finding: Finding) => Finding,
): Contribution {
  const nameOf = (name: string) => findTable(after, withoutPublic(name))?.name ?? withoutPublic(name);
  const held = new Map([...contents.tables].map(([name, table]) => [nameOf(name), table.rows]));
  const counts = pairCounts(held, after, first, explainUncounted(contents, after, nameOf));
  const missing = findMissingParts(contents, after, first).map((part) => ({ ...part, finding: weigh(part.finding) }));
  const counted = compareCounts(counts);
  const different = rows.tables.filter(({ outcome }) => outcome === 'different').map(differentRows);
  const sequences = [
    ...findMissingSequences(contents, after),
    ...compareSequences(heldSequences(contents, after), after.sequences).map(toFinding),
  ];
  const largeObjects = compareLargeObjects(rows);
  const defined = [
    ...ofCheck(missing, 'definitions'),
    ...(typeof definitions === 'string' ? [] : definitions).map((difference) => weigh(toFinding(difference))),
  ];
  const ofRows = ofCheck(missing, 'row-counts');
  const total = [...held.values()].reduce((sum, count) => sum + count, 0);
  const isCounted = (name: string) => counted.some(({ object }) => object === name);
  const findings = [
    ...ofRows,
    ...ofCheck(missing, 'sequences'),
    ...counted,
    ...different.filter(({ object }) => !isCounted(object)),
    ...sequences,
    ...largeObjects,
    ...defined,
  ];
  return {
    summary:
      findings.length > 0
        ? `${findings.length} difference${findings.length === 1 ? '' : 's'}`
        : `${total} rows of ${held.size} tables, byte for byte those of the dump`,
    facts: { tables: held.size, rows: total, differences: findings.length },
    counts,
    checks: [
      check('row-counts', `the ${total} rows that the dump holds in ${held.size} tables`, [...ofRows, ...counted]),
      contentCheck(rows.tables, different),
      check('large-objects', `the ${contents.largeObjects.count} large objects that the dump holds`, largeObjects),
      check('sequences', `${contents.sequences.size} sequences where the dump sets them`, [
        ...ofCheck(missing, 'sequences'),
        ...sequences,
      ]),
      typeof definitions === 'string' && defined.length === 0
        ? notApplicable('definitions', definitions)
        : check('definitions', `the ${contents.definitions?.length ?? 0} entries that the dump holds`, defined),
      notApplicable('state', noManifest),
    ],
    findings,
    coverage: coverage(contents, { after, rows, definitions }),
  };
}

/** Why a dump has no count of a relation that was restored: its rows are counted elsewhere, or no dump holds them. Pure. */
function explainUncounted(
  { tables }: DumpedContents,
  after: Snapshot,
  nameOf: (name: string) => string,
): (name: string) => string | null {
  const parts = [...tables].flatMap(([name, table]) =>
    table.parts.map((part) => [nameOf(part.table), nameOf(name)] as const),
  );
  const root = new Map(parts);
  const held = new Set([...tables.keys()].map(nameOf));
  return (name) => {
    const { kind, hashedIn } = after.tables.find((table) => table.name === name) ?? {};
    if (held.has(name)) return null;
    const parent = root.get(name) ?? hashedIn;
    if (parent !== undefined && held.has(parent)) return `counted in ${parent}`;
    if (kind === 'partitioned') return 'counted in its partitions';
    return kind === 'materialized view' ? 'computed by the restore' : null;
  };
}

function compareCounts(counts: Counts): Finding[] {
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
  const missing = [...sequences.keys()].filter((name) => findSequence(after, name) === undefined);
  return missing.map(withoutPublic).map((name) => ({
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
    const restored = findSequence(after, name);
    return restored === undefined ? [] : [{ ...restored, from: reading, to: reading }];
  });
}

/** What has to be quoted differs between versions. */
function findSequence({ sequences }: Snapshot, wanted: string): SequenceSnapshot | undefined {
  const bare = (name: string) => withoutPublic(name.replaceAll('"', ''));
  return sequences.find(({ name }) => bare(name) === bare(wanted));
}

/** That the rows of a table are not those of its dump. Pure. */
export function differentRows({ table, rows, hash }: ComparedTable): Finding {
  const object = withoutPublic(table);
  return {
    rule: 'CONTENT_MISMATCH',
    severity: 'error',
    object,
    message: `${object}: the dump holds ${rows} rows with the hash ${hash}, the restored table others.`,
    remedy: 'Look for triggers and defaults that write while rows are restored, and read the log of the restore.',
  };
}

/** A table that was read in vain may hold anything. */
function contentCheck(tables: ComparedTable[], different: Finding[]): Check {
  const expected = `the bytes that the dump holds, in ${tables.length} tables`;
  const unread = tables.filter(({ outcome }) => outcome === 'not-read');
  if (different.length > 0 || unread.length === 0) return check('content', expected, different);
  const reason = unread.map(({ table, reason: why }) => `${withoutPublic(table)}: ${String(why)}`).join('; ');
  return { id: 'content', status: 'not-run', reason: `could not be read: ${reason}`, expected, actual: null };
}

function compareLargeObjects({ largeObjects: { dumped, restored } }: RowComparison): Finding[] {
  const isCounted = dumped.count === restored.count;
  if (isCounted && (dumped.hash === null || dumped.hash === restored.hash)) return [];
  const found = isCounted ? 'others' : `${restored.count}`;
  return [
    {
      rule: isCounted ? 'LARGE_OBJECT_CHANGED' : 'LARGE_OBJECT_COUNT_MISMATCH',
      severity: 'error',
      object: 'large objects',
      message: `The dump holds ${dumped.count} large objects, the restored database ${found}.`,
      remedy: 'Read the log of the restore.',
    },
  ];
}

function coverage(
  { largeObjects }: DumpedContents,
  { after, rows: { tables }, definitions }: RestoredContents,
): Evidence['coverage'] {
  const isCompared = ({ outcome }: ComparedTable) => outcome === 'equal' || outcome === 'different';
  const compared = tables.filter(isCompared);
  return {
    checked: [
      `rows of ${compared.length} tables, as many as the dump holds, and byte for byte the same (SHA-256)`,
      'positions of sequences, as the dump sets them, and that the next value is a new one',
      `large objects, by number${largeObjects.hash === null ? '' : ' and content'}`,
      ...(typeof definitions === 'string'
        ? []
        : ['definitions of every object that the dump holds, as pg_dump writes them']),
    ],
    notChecked: [
      { what: 'whether the dump holds all that its source held', why: `${noManifest}, and ${notTold}` },
      { what: whatNoDumpHolds, why: noManifest },
      ...after.tables
        .filter(({ kind, notRead }) => kind === 'materialized view' && notRead === null)
        .map(({ name }) => ({
          what: `rows of the materialized view ${name}`,
          why: 'no dump holds them: a restore computes them',
        })),
      ...(largeObjects.hash === null
        ? [{ what: 'the content of large objects', why: 'this dump writes them in a way that is not known here' }]
        : []),
      ...(typeof definitions === 'string' ? [{ what: 'definitions', why: definitions }] : []),
      ...tables
        .filter((table) => !isCompared(table))
        .map(({ table, reason }) => ({ what: `the content of ${withoutPublic(table)}`, why: String(reason) })),
    ],
  };
}

function notApplicable(id: CheckId, reason: string): Check {
  return { id, status: 'not-applicable', reason, expected: null, actual: null };
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
