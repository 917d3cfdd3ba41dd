import { expect, test } from 'vitest';
import type { Manifest } from '../backup/manifest.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { findDifferences } from './verify.ts';

const snapshot: Snapshot = {
  digestVersion: 2,
  tables: [{ name: 'users', kind: 'table', rows: 1, digest: 'a', notRead: null }],
  largeObjects: { rows: 0, digest: '' },
  sequences: [],
  schema: {},
  state: {
    DATABASE: { datcollate: 'de_DE.UTF-8' },
    COLLATION_VERSION: { german: '2.31' },
    EXTENSION: { hstore: '1.8 in public' },
  },
};

const rules = (changes: Partial<Snapshot>) =>
  findDifferences({ snapshot } as Manifest, { ...snapshot, ...changes }).map(({ rule }) => rule);

const withState = (state: Snapshot['state']) => ({ state: { ...snapshot.state, ...state } });

test.each<[string, Partial<Snapshot>, string[]]>([
  ['nothing', {}, []],
  [
    'the version of a collation, which is the operating system’s',
    withState({ COLLATION_VERSION: { german: '2.36' } }),
    [],
  ],
  ['the locale of the database, which is that of the live one', withState({ DATABASE: { datcollate: 'C' } }), []],
  ['an extension', withState({ EXTENSION: { hstore: '1.7 in public' } }), ['EXTENSION_CHANGED']],
  ['a row', { tables: [{ name: 'users', kind: 'table', rows: 1, digest: 'b', notRead: null }] }, ['CONTENT_MISMATCH']],
  [
    'a table that could not be read',
    { tables: [{ name: 'users', kind: 'table', rows: null, digest: null, notRead: 'no' }] },
    ['TABLE_NOT_READ'],
  ],
])('a restored database that differs in %s', (_, changes, expected) => {
  expect(rules(changes)).toEqual(expected);
});
