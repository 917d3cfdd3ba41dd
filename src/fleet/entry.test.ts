import { describe, expect, test } from 'vitest';
import { readEntries } from './entry.ts';

const read = (...list: unknown[]) => readEntries(list, 'here');

test('a name is enough; short forms stand for more', () => {
  expect(read({ name: 'shop' }, { name: 'eu', database: 'app', backup: 'eu.dump', tables: ['users'] })).toEqual([
    {
      ...{ name: 'shop', rehearsals: null, sizeBytes: null },
      overrides: { database: { name: 'shop', owner: 'shop', alias: 'shop' } },
    },
    {
      ...{ name: 'eu', rehearsals: null, sizeBytes: null },
      overrides: {
        tables: ['users'],
        database: { name: 'app', owner: 'app', alias: 'eu' },
        sources: { backup: 'eu.dump' },
      },
    },
  ]);
});

test.each(["a'b", 'a b', '-n', '$(touch x)', 'x'.repeat(63), 'ä'.repeat(31), '../../x', 'line\nfeed'])(
  'a database may be called %j',
  (name) => {
    expect(read({ name })[0]?.overrides['database']).toMatchObject({ name, alias: name });
  },
);

describe('what cannot be used is refused, and named', () => {
  test.each([
    [[], /no database is in it/],
    ['shop', /it is no list, but a string/],
    [[1], /number 1: it is no object, but a number/],
    [[{}], /number 1: it has no name/],
    [[{ name: 'a' }, { name: 'b' }, { name: 'a' }], /numbers 1 and 3 are both called "a"/],
    [[{ name: 'a', rehearsals: [] }], /"a" takes a list of names under "rehearsals"/],
    [[{ name: 'a', sizeBytes: -1 }], /"a" takes a number of bytes/],
    [[{ name: 'a', databases: [] }], /"a" cannot have "databases" for itself/],
    [[{ name: 'a', evidence: { directory: 'x' } }], /"a" cannot have "evidence.directory" for itself/],
    [[{ name: 'a', app: { env: () => ({}) } }], /something under "app.env" that no plan can hold/],
    [[{ name: 'a', tables: [new Date()] }], /something under "tables.0"/],
    [[{ name: 'a', database: { url: 'postgres://u:secret@h/a' } }], /has a password in database.url/],
  ])('%j', (list, message) => {
    expect(() => readEntries(list, 'here')).toThrow(message);
  });

  test('a password is not shown', () => {
    expect(() => read({ name: 'a', database: { url: 'postgres://u:hunter2@h/a' } })).toThrow(/^(?!.*hunter2)/s);
  });

  test('and so is a name that would write to the terminal', () => {
    expect(() => read({ name: '\u001b[31mred', rehearsals: 1 })).toThrow(/^[^\u001b]*$/);
  });
});
