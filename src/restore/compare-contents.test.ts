import { describe, expect, test } from 'vitest';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import type { DumpedTable } from '../postgres/plain-dump-rows.ts';
import type { LargeObjectsHash } from '../postgres/large-objects-hash.ts';
import type { Difference } from '../snapshot/difference.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { TableSnapshot } from '../snapshot/table-snapshot.ts';
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
  owned: new Map(),
  databaseOwner: null,
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
    encoding: 'UTF8',
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
  remedy: 'Create it.',
};

type Case = [string, Partial<DumpedContents>, Partial<Snapshot>?, Partial<RowComparison & RestoredContents>?];

const without = (...types: string[]) => new Map([...contents.entries].filter(([type]) => !types.includes(type)));

const sequence = (name: string) => restored.sequences.map((each) => ({ ...each, name }));
const setTo9 = { lastValue: '9', isCalled: true };

describe('a restored database and what its dump holds', () => {
  test('are equal, and the evidence says what could not be told', () => {
    const { findings, checks, counts, coverage, summary, facts } = compare({});
    expect(findings).toEqual([]);
    expect(summary).toBe('4 rows of 2 tables, byte for byte those of the dump');
    expect(facts).toEqual({ tables: 2, rows: 4, differences: 0 });
    expect(checks?.map(({ expected, actual }) => [expected, actual])).toEqual([
      ['the 4 rows that the dump holds in 2 tables', 'all are'],
      ['the bytes that the dump holds, in 2 tables', 'all are'],
      ['the 1 large objects that the dump holds', 'all are'],
      ['1 sequences where the dump sets them', 'all are'],
      ['the 0 entries that the dump holds', 'all are'],
      [null, null],
    ]);
    expect(coverage?.checked).toEqual([
      'rows of 2 tables, as many as the dump holds, and byte for byte the same (SHA-256)',
      'positions of sequences, as the dump sets them, and that the next value is a new one',
      'large objects, by number and content',
      'definitions of every object that the dump holds, as pg_dump writes them',
    ]);
    const noManifest = 'the backup has no manifest, so nothing says what the source held';
    expect(coverage?.notChecked.map(({ what }) => what)).toEqual([
      'whether the dump holds all that its source held',
      expect.stringMatching(/^what no dump holds: settings/) as string,
    ]);
    expect(coverage?.notChecked.map(({ why }) => why)).toEqual([
      expect.stringMatching(new RegExp(`^${noManifest}, and a dump does not say`)) as string,
      noManifest,
    ]);
    expect(checks?.at(-1)?.reason).toBe(noManifest);
    expect(Object.entries(counts ?? {})).toEqual([
      ['users', { before: 3, after: 3, note: null }],
      ['crm."Client s"', { before: 1, after: 1, note: null }],
    ]);
    expect(checks?.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'row-counts passed',
      'content passed',
      'large-objects passed',
      'sequences passed',
      'definitions passed',
      'state not-applicable',
    ]);
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
    ['SEQUENCE_MISSING', {}, { sequences: sequence('another') }],
    [
      'SEQUENCE_POSITION_MISMATCH',
      { sequences: new Map([['crm."ids"', setTo9]]) },
      { sequences: [...sequence('users_id_seq'), ...sequence('crm.ids')] },
    ],
    ['INDEX_MISSING', {}, {}, { definitions: [missingIndex] }],
  ])('differ: %s', (rule, changes, after = {}, rows = {}) => {
    const { findings, checks } = compare(changes, after, rows);
    expect(findings?.map((finding) => finding.rule)).toEqual([rule]);
    for (const { message, remedy } of findings ?? []) expect([message, remedy]).not.toContain('');
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

  test.each<[string, string, ...Case]>([
    [
      'users: the dump holds 3 rows, the restored database has 2.',
      'not users',
      'row-counts',
      {},
      { tables: [table('users', 2), table('crm."Client s"', 1)] },
    ],
    [
      'crm."Client s": the dump holds 1 rows, the restored database has no such table.',
      'not crm."Client s"',
      'row-counts',
      {},
      { tables: [table('users', 3)] },
    ],
    [
      'users: the dump holds 3 rows with the hash 00, the restored table others.',
      'not users',
      'content',
      {},
      {},
      withUsers({ outcome: 'different' }),
    ],
    [
      'The dump holds 1 large objects, the restored database 2.',
      'not large objects',
      'large-objects',
      {},
      {},
      { largeObjects: largeObjects({ count: 2 }) },
    ],
    [
      'The dump holds 1 large objects, the restored database others.',
      'not large objects',
      'large-objects',
      {},
      {},
      { largeObjects: largeObjects({ hash: '02' }) },
    ],
    [
      'users_id_seq: the dump sets this sequence, the restored database has none of that name.',
      'not users_id_seq',
      'sequences',
      {},
      { sequences: [] },
    ],
  ])('differ: %s', (message, actual, id, changes, after = {}, rows = {}) => {
    const { findings, checks, summary, facts } = compare(changes, after, rows);
    expect(findings).toMatchObject([{ message, severity: 'error', remedy: expect.stringMatching(/\w/) as string }]);
    expect(checks?.find(({ status }) => status === 'failed')).toMatchObject({ id, actual });
    expect(summary).toBe('1 difference');
    expect(facts).toMatchObject({ differences: 1 });
  });

  test('differ in a table once, though both its number of rows and their bytes do', () => {
    const different = compared.tables.map((each) => ({ ...each, outcome: 'different' as const }));
    const fewer = [table('users', 2), table('crm."Client s"', 1)];
    const { findings, summary, checks } = compare({}, { tables: fewer }, { tables: different });
    expect(findings?.map(({ rule, object }) => `${rule} ${object}`)).toEqual([
      'ROW_COUNT_MISMATCH users',
      'CONTENT_MISMATCH crm."Client s"',
    ]);
    expect(summary).toBe('2 differences');
    expect(checks?.find(({ id }) => id === 'content')?.actual).toBe('not users, crm."Client s"');
  });

  test('name five objects of a check that fails, and no more', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const tables = new Map([...contents.tables, ...names.map((name) => [`notpublic.${name}`, dumped(1)] as const)]);
    const { checks } = compare({ tables });
    expect(checks?.[0]?.actual).toBe('not notpublic.a, notpublic.b, notpublic.c, notpublic.d, notpublic.e');
  });

  test('are equal where only a warning speaks against a check', () => {
    const { checks, findings } = compare({}, {}, { definitions: [{ ...missingIndex, severity: 'warning' }] });
    expect(findings).toHaveLength(1);
    expect(checks?.find(({ id }) => id === 'definitions')).toMatchObject({ status: 'passed', actual: 'all are' });
  });

  test('are counted by name, those first that the profile names', () => {
    const named = (...first: string[]) =>
      Object.keys(
        compareContents(contents, { after: restored, rows: compared, definitions: [] }, first, (finding) => finding)
          .counts ?? {},
      );
    expect(named('users')).toEqual(['users', 'crm."Client s"']);
    expect(named('crm.Client s')).toEqual(['crm."Client s"', 'users']);
    expect(named('gone')).toEqual(['gone', 'users', 'crm."Client s"']);
  });

  test('are equal by name, whatever has to be quoted', () => {
    const { findings, counts } = compare({}, { tables: [table('crm.Client s', 1), table('users', 3)] });
    expect(findings).toEqual([]);
    expect(Object.keys(counts ?? {})).toEqual(['users', 'crm.Client s']);
  });

  test('differ where a sequence is not set, though its table has it', () => {
    const { findings, checks } = compare({ sequences: new Map(), entries: without('SEQUENCE SET') });
    expect(findings?.map(({ rule }) => rule)).toEqual(['SEQUENCE_POSITION_MISSING']);
    expect(checks?.find(({ status }) => status === 'failed')?.id).toBe('sequences');
  });

  test('are compared without the bytes of large objects where the dump does not tell them', () => {
    const unknown = { count: 1, hash: null };
    const { findings, coverage } = compare(
      { largeObjects: unknown },
      {},
      { largeObjects: { dumped: unknown, restored: contents.largeObjects } },
    );
    expect(findings).toEqual([]);
    expect(coverage?.checked).toContain('large objects, by number');
    expect(coverage?.notChecked).toContainEqual({
      what: 'the content of large objects',
      why: 'this dump writes them in a way that is not known here',
    });
  });

  test('are compared as far as they can be', () => {
    const reason = 'the dump holds them partly as COPY';
    const { checks, coverage, findings } = compare({}, {}, withUsers({ outcome: 'not-comparable', reason }));
    expect(findings).toEqual([]);
    expect(checks?.find(({ id }) => id === 'content')?.status).toBe('passed');
    expect(coverage?.checked[0]).toMatch(/^rows of 1 tables/);
    expect(coverage?.notChecked.at(-1)).toEqual({ what: 'the content of users', why: reason });
    expect(compare({}, {}, withUsers({ outcome: 'different' })).coverage?.checked[0]).toMatch(/^rows of 2 tables/);
  });

  test('differ where one table does and another could not be read', () => {
    const [users, clients] = compared.tables as [ComparedTable, ComparedTable];
    const tables: ComparedTable[] = [
      { ...users, outcome: 'different' },
      { ...clients, outcome: 'not-read', reason: 'permission denied' },
    ];
    expect(compare({}, {}, { tables }).checks?.find(({ id }) => id === 'content')?.status).toBe('failed');
  });

  test('tables that could not be read are named each, with the reason', () => {
    const tables = compared.tables.map((each) => ({ ...each, outcome: 'not-read' as const, reason: 'denied' }));
    expect(compare({}, {}, { tables }).checks?.find(({ id }) => id === 'content')?.reason).toBe(
      'could not be read: users: denied; crm."Client s": denied',
    );
  });

  test.each<[string, Partial<TableSnapshot>, DumpedTable['parts'], string | null]>([
    [
      'a partition whose rows the dump puts into its table',
      {},
      [{ table: 'public.part', columns: 'id', hash: '00' }],
      'counted in users',
    ],
    ['a hash partition', { hashedIn: 'users' }, [], 'counted in users'],
    ['a partitioned table', { kind: 'partitioned' }, [], 'counted in its partitions'],
    ['a materialised view', { kind: 'materialized view' }, [], 'computed by the restore'],
    ['a table of which nothing is known', {}, [], null],
  ])('%s that the dump does not count says where it is', (_, changes, parts, note) => {
    const tables = new Map(contents.tables).set('public.users', { ...dumped(3), parts });
    const after = [...restored.tables, { ...table('part', 2), ...changes }];
    const { counts, coverage } = compare({ tables }, { tables: after });
    expect(counts?.['part']).toEqual({ before: null, after: 2, note });
    const told = coverage?.notChecked.map(({ what }) => what).includes('rows of the materialized view part');
    expect(told).toBe(changes.kind === 'materialized view');
  });

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
    expect(checks?.find(({ id }) => id === 'definitions')).toMatchObject({
      status: 'not-applicable',
      reason: 'nothing tells them apart',
    });
    expect(coverage?.checked).toHaveLength(3);
    expect(coverage?.notChecked.map(({ what }) => what)).toContain('definitions');
    expect(coverage?.notChecked.map(({ why }) => why)).toContain('nothing tells them apart');
  });

  test('definitions fail for what is missing, also where they were not compared', () => {
    const { checks } = compare({ entries: without('CONSTRAINT') }, {}, { definitions: 'nothing tells them apart' });
    expect(checks?.find(({ id }) => id === 'definitions')).toMatchObject({
      status: 'failed',
      expected: 'the 0 entries that the dump holds',
    });
    const definitions = [{ type: 'TABLE', object: 'users', text: '' }];
    expect(compare({ definitions }).checks?.find(({ id }) => id === 'definitions')?.expected).toMatch(/^the 1 entries/);
    expect(compare({ definitions: null }).checks?.find(({ id }) => id === 'definitions')?.expected).toMatch(/^the 0 /);
  });
});
