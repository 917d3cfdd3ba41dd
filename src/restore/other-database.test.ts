import { expect, test } from 'vitest';
import type { DumpedTable } from '../postgres/plain-dump-rows.ts';
import { findOtherDatabase } from './other-database.ts';

const rows: DumpedTable = { rows: 1, columns: null, form: 'copy', hash: '', order: 'kept', parts: [] };
const entries = (types: Record<string, string[]>) =>
  new Map(Object.entries(types).map(([type, names]) => [type, new Set(names)]));

test.each<[what: string, types: Record<string, string[]>, filled: string[], tables: string[], says: string | null]>([
  ['has one of the tables', { TABLE: ['users', 'other'] }, [], ['users', 'masters'], null],
  ['has a table of another schema', { TABLE: ['crm.Client s'] }, [], ['crm."Client s"'], null],
  ['has a view of that name', { VIEW: ['users'] }, [], ['users'], null],
  ['has rows of the table, and no comments', {}, ['public.users'], ['users'], null],
  ['has nothing that tells', { SCHEMA: ['crm'] }, [], ['users'], null],
  ['is of a profile that names no table', { TABLE: ['t'] }, [], [], null],
  ['creates the database', { DATABASE: ['shop'], TABLE: ['users'] }, [], ['users'], null],
  ['creates another one', { DATABASE: ['wiki'], TABLE: ['users'] }, [], ['users'], 'of the database wiki, not of shop'],
  ['has other tables', { TABLE: ['page', 'text'] }, [], ['users'], 'the profile names (users), but page, text'],
  ['has other rows, and no comments', {}, ['public.page'], ['users'], 'the profile names (users), but page'],
  [
    'has many other tables',
    { TABLE: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
    [],
    ['users'],
    'but a, b, c, d, e and 2 more',
  ],
])('a dump that %s', (_, types, filled, tables, says) => {
  const contents = { entries: entries(types), tables: new Map(filled.map((name) => [name, rows])) };
  const found = findOtherDatabase(contents, { database: 'shop', tables });
  expect(found).toEqual(
    says === null
      ? []
      : [
          expect.objectContaining({
            rule: 'BACKUP_OF_ANOTHER_DATABASE',
            message: expect.stringContaining(says) as string,
          }),
        ],
  );
});
