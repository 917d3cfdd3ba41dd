import { describe, expect, test } from 'vitest';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import type { DumpedTable } from '../postgres/plain-dump-rows.ts';
import type { LargeObjectsHash } from '../postgres/large-objects-hash.ts';
import type { Difference } from '../snapshot/difference.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { compareContents, type RestoredContents } from './compare-contents.ts';
import type { ComparedTable, RowComparison } from './oracle/row-comparison.ts';

function dumped(rows: number): DumpedTable {
  return { rows, columns: 'id', form: 'copy', hash: '00', order: 'kept', parts: [] };
}

const contents: DumpedContents = {
  tables: new Map([
    ['public.users', dumped(3)],
    ['crm."Client s"', dumped(1)],
  ]),
  timestamps: [],
  rowSecurity: null,
  encoding: 'UTF8',
  definitions: [],
  sequences: new Map([['public.users_id_seq', { lastValue: '3', isCalled: true }]]),
  largeObjects: { count: 1, hash: '01' },
  hasRequiredColumn: true,
  owners: new Set(),
  entries: new Map([
    ['TABLE', new Set(['users', 'crm.Client s'])],
    ['TABLE DATA', new Set(['users', 'crm.Client s'])],
    ['SEQUENCE', new Set(['users_id_seq'])],
    ['SEQUENCE SET', new Set(['users_id_seq'])],
    ['CONSTRAINT', new Set(['users users_pkey'])],
  ]),
};

const table = (name: string, rows: number) => ({ name, kind: 'table' as const, rows, digest: '', notRead: null });
const position = { lastValue: '3', isCalled: true };
const restored: Snapshot = {
  digestVersion: 2,
  tables: [table('crm."Client s"', 1), table('users', 3)],
  largeObjects: { rows: 1, digest: '' },
  sequences: [
    {
      name: 'users_id_seq',
      from: position,
      to: position,
      increment: '1',
      cycles: false,
      feeds: [{ column: 'users.id', extreme: '3' }],
    },
  ],
  schema: {},
  state: {},
};

const compared: RowComparison = {
  tables: [...contents.tables].map(([table, held]) => ({
    table,
    ...held,
    outcome: 'equal',
    condition: '',
    reason: null,
  })),
  largeObjects: { dumped: contents.largeObjects, restored: contents.largeObjects },
  settings: { timeZone: 'UTC', byteaOutput: 'hex', encoding: 'UTF8', quotesAll: false },
};

const compare = (
  changes: Partial<DumpedContents>,
  after: Partial<Snapshot> = {},
  { definitions = [], ...rows }: Partial<RowComparison & RestoredContents> = {},
) =>
  compareContents(
    { ...contents, ...changes },
    { after: { ...restored, ...after }, rows: { ...compared, ...rows }, definitions },
    ['users'],
    (finding) => finding,
  );

const withUsers = (changes: Partial<ComparedTable>) => ({
  tables: compared.tables.map((each) => (each.table === 'public.users' ? { ...each, ...changes } : each)),
});

const largeObjects = (changes: Partial<LargeObjectsHash>) => ({
  dumped: contents.largeObjects,
  restored: { ...contents.largeObjects, ...changes },
});

const missingIndex: Difference = {
  rule: 'INDEX_MISSING',
  kind: 'missing',
  checks: ['definitions'],
  origin: 'backup',
  severity: 'error',
  object: 'users_name',
  expected: 'defined',
  actual: 'not defined',
  remedy: '',
};

type Case = [string, Partial<DumpedContents>, Partial<Snapshot>?, Partial<RowComparison & RestoredContents>?];

const without = (...types: string[]) => new Map([...contents.entries].filter(([type]) => !types.includes(type)));

describe('a restored database and what its dump holds', () => {
  test('are equal, and the evidence says what could not be told', () => {
    const { findings, checks, counts, coverage } = compare({});
    expect(findings).toEqual([]);
    expect(Object.entries(counts ?? {})).toEqual([
      ['users', { before: 3, after: 3 }],
      ['crm."Client s"', { before: 1, after: 1 }],
    ]);
    expect(checks?.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'row-counts passed',
      'content passed',
      'large-objects passed',
      'sequences passed',
      'definitions passed',
      'state not-applicable',
    ]);
    expect(coverage?.notChecked).toHaveLength(2);
  });

  test.each<Case>([
    ['ROW_COUNT_MISMATCH', {}, { tables: [table('users', 2), table('crm."Client s"', 1)] }],
    ['TABLE_MISSING', {}, { tables: [table('users', 3)] }],
    ['CONTENT_MISMATCH', {}, {}, withUsers({ outcome: 'different' })],
    ['LARGE_OBJECT_COUNT_MISMATCH', {}, {}, { largeObjects: largeObjects({ count: 2 }) }],
    ['LARGE_OBJECT_CHANGED', {}, {}, { largeObjects: largeObjects({ hash: '02' }) }],
    ['DUMP_WITHOUT_ROWS', { tables: new Map(), entries: without('TABLE DATA', 'SEQUENCE SET') }],
    ['DUMP_WITHOUT_ROWS', { tables: new Map(), entries: new Map() }],
    [
      'SEQUENCE_POSITION_MISMATCH',
      { sequences: new Map([['public.users_id_seq', { lastValue: '9', isCalled: true }]]) },
    ],
    ['SEQUENCE_MISSING', {}, { sequences: [] }],
    ['INDEX_MISSING', {}, {}, { definitions: [missingIndex] }],
  ])('differ: %s', (rule, changes, after = {}, rows = {}) => {
    const { findings, checks } = compare(changes, after, rows);
    expect(findings?.map((finding) => finding.rule)).toEqual([rule]);
    expect(checks?.filter(({ status }) => status === 'failed')).toHaveLength(1);
  });

  test.each([
    [true, 'error'],
    [false, 'warning'],
  ])(
    'a dump without any key or index is no whole one, if a column has to have a value (%s)',
    (hasRequiredColumn, severity) => {
      const { findings } = compare({ hasRequiredColumn, entries: without('CONSTRAINT') });
      expect(findings).toEqual([expect.objectContaining({ rule: 'POST_DATA_MISSING', severity })]);
    },
  );

  test('a table that could not be read leaves its content undecided', () => {
    const { checks, coverage } = compare({}, {}, withUsers({ outcome: 'not-read', reason: 'permission denied' }));
    expect(checks?.find(({ id }) => id === 'content')).toMatchObject({
      status: 'not-run',
      reason: 'could not be read: users: permission denied',
    });
    expect(coverage?.notChecked.at(-1)).toEqual({ what: 'the content of users', why: 'permission denied' });
  });

  test('definitions that were not compared are in the coverage, with the reason', () => {
    const { checks, coverage } = compare({}, {}, { definitions: 'nothing tells them apart' });
    expect(checks?.find(({ id }) => id === 'definitions')?.status).toBe('not-applicable');
    expect(coverage?.notChecked.map(({ what }) => what)).toContain('definitions');
    expect(coverage?.notChecked.map(({ why }) => why)).toContain('nothing tells them apart');
  });
});
