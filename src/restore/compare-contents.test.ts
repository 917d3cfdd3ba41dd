import { describe, expect, test } from 'vitest';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { compareContents } from './compare-contents.ts';

const contents: DumpedContents = {
  rows: new Map([
    ['public.users', 3],
    ['crm."Client s"', 1],
  ]),
  inserts: 0,
  sequences: new Map([['public.users_id_seq', { lastValue: '3', isCalled: true }]]),
  largeObjects: 1,
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

const rules = (changes: Partial<DumpedContents>, after: Partial<Snapshot> = {}) =>
  compareContents({ ...contents, ...changes }, { ...restored, ...after }, ['users'], (finding) => finding);

const without = (...types: string[]) => new Map([...contents.entries].filter(([type]) => !types.includes(type)));

describe('a restored database and what its dump holds', () => {
  test('are equal, and the evidence says what could not be told', () => {
    const { findings, checks, counts, coverage } = rules({});
    expect(findings).toEqual([]);
    expect(Object.entries(counts ?? {})).toEqual([
      ['users', { before: 3, after: 3 }],
      ['crm."Client s"', { before: 1, after: 1 }],
    ]);
    expect(checks?.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'row-counts passed',
      'large-objects passed',
      'sequences passed',
      'content not-applicable',
      'definitions not-applicable',
      'state not-applicable',
    ]);
    expect(coverage?.notChecked).toHaveLength(3);
  });

  test.each([
    ['ROW_COUNT_MISMATCH', {}, { tables: [table('users', 2), table('crm."Client s"', 1)] }],
    ['TABLE_MISSING', {}, { tables: [table('users', 3)] }],
    ['LARGE_OBJECT_COUNT_MISMATCH', { largeObjects: 2 }, {}],
    ['DUMP_WITHOUT_ROWS', { rows: new Map<string, number>(), entries: without('TABLE DATA', 'SEQUENCE SET') }, {}],
    ['DUMP_WITHOUT_ROWS', { rows: new Map<string, number>(), entries: new Map<string, Set<string>>() }, {}],
    [
      'SEQUENCE_POSITION_MISMATCH',
      { sequences: new Map([['public.users_id_seq', { lastValue: '9', isCalled: true }]]) },
      {},
    ],
    ['SEQUENCE_MISSING', {}, { sequences: [] }],
  ])('differ: %s', (rule, changes, after) => {
    const { findings, checks } = rules(changes, after);
    expect(findings?.map((finding) => finding.rule)).toEqual([rule]);
    expect(checks?.filter(({ status }) => status === 'failed')).toHaveLength(1);
  });

  test.each([
    [true, 'error'],
    [false, 'warning'],
  ])(
    'a dump without any key or index is no whole one, if a column has to have a value (%s)',
    (hasRequiredColumn, severity) => {
      const { findings } = rules({ hasRequiredColumn, entries: without('CONSTRAINT') });
      expect(findings).toEqual([expect.objectContaining({ rule: 'POST_DATA_MISSING', severity })]);
    },
  );

  test('rows that are written as INSERT are told, and not counted', () => {
    const { findings, summary, coverage } = rules({ rows: new Map(), inserts: 4 });
    expect(findings).toEqual([]);
    expect(summary).toBe('4 rows were inserted, and are not counted by table');
    expect(coverage?.notChecked.at(-1)?.what).toBe('4 rows');
  });
});
