import { expect, test } from 'vitest';
import type { TableSnapshot } from '../../snapshot/table-snapshot.ts';
import { describeRowHashes } from './repeat.ts';
import type { ComparedTable } from './row-comparison.ts';

const hash = 'a'.repeat(64);
const compared: ComparedTable = {
  ...{
    table: 'public.paints',
    rows: 2,
    columns: 'id',
    form: 'copy',
    hash,
    order: 'kept',
    parts: [],
    encoding: 'UTF8',
    condition: '',
  },
  ...{ outcome: 'equal', reason: null },
};
const part = { table: 'public.paints_0', columns: 'id', hash };

const describeOne = (changes: Partial<ComparedTable>, hashedIn?: string) => {
  const restored: TableSnapshot = {
    ...{ name: 'paints_0', kind: 'table', rows: 2, digest: null, notRead: null, hashedIn },
  };
  const rows = {
    tables: [{ ...compared, ...changes }],
    largeObjects: { dumped: { count: 0, hash: null }, restored: { count: 0, hash: null } },
    settings: { timeZone: 'UTC', byteaOutput: 'hex', encoding: 'UTF8', quotesAll: false } as const,
  };
  return describeRowHashes(rows, { file: 'a.dump', isPlain: false, layers: [] }, { tables: [restored] }).tables;
};

test('rows in the order of COPY have a hash that others can have again', () => {
  expect(describeOne({})).toMatchObject([{ sha256: hash, reason: null }]);
});

test.each<[string, Partial<ComparedTable>, string]>([
  ['inserts', { form: 'insert', order: 'any' }, 'the dump inserts them'],
  ['holds by partition', { parts: [part] }, 'by partition'],
  ['holds in another order', { order: 'any' }, 'in any order'],
])('rows that a dump %s have none, and the reason', (_, changes, reason) => {
  expect(describeOne(changes)[0]).toMatchObject({ sha256: null, ofDatabase: null, outcome: 'equal' });
  expect(describeOne(changes)[0]?.reason).toContain(reason);
});

test('partitions have one, unless a hash tells them apart, which is another one in another database', () => {
  expect(describeOne({ parts: [part] }).map(({ table }) => table)).toEqual(['public.paints', 'public.paints_0']);
  expect(describeOne({ parts: [part] }, 'paints').map(({ table }) => table)).toEqual(['public.paints']);
});
