import { describe, expect, test } from 'vitest';
import { differencesByFacet, plainSnapshot } from '../../fixtures/testing/one-difference.ts';
import type { Manifest } from '../backup/manifest.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { findDifferences, elsewhere } from '../snapshot/weigh.ts';
import { carriedOver, verifyRestored } from './verify.ts';

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
  verifyRestored({ snapshot, serverVersion: '16.2' } as Manifest, { ...snapshot, ...changes }, '16.9').map(
    ({ rule, severity }) => (severity === 'error' ? rule : `${rule} (${severity})`),
  );

const withState = (state: Snapshot['state']) => ({ state: { ...snapshot.state, ...state } });

test.each<[string, Partial<Snapshot>, string[]]>([
  ['nothing', {}, []],
  [
    'the version of a collation, which is the operating system’s',
    withState({ COLLATION_VERSION: { german: '2.36' } }),
    ['COLLATION_VERSION_CHANGED (warning)'],
  ],
  ['the locale of the database, which is that of the live one', withState({ DATABASE: { datcollate: 'C' } }), []],
  ['an extension', withState({ EXTENSION: { hstore: '1.7 in public' } }), ['EXTENSION_CHANGED (warning)']],
  ['a row', { tables: [{ name: 'users', kind: 'table', rows: 1, digest: 'b', notRead: null }] }, ['CONTENT_MISMATCH']],
  [
    'a table that could not be read',
    { tables: [{ name: 'users', kind: 'table', rows: null, digest: null, notRead: 'no' }] },
    ['TABLE_NOT_READ'],
  ],
])('a restored database that differs in %s', (_, changes, expected) => {
  expect(rules(changes)).toEqual(expected);
});

describe.each(Object.entries(differencesByFacet))('a difference in %s', (id, differences) => {
  test.each(differences)(
    'weighs in an incident what it weighs in a drill, unless it is carried over: $what',
    (each) => {
      const after = { ...plainSnapshot, ...each.changes };
      for (const version of ['16.2', '15.18']) {
        const manifest = { snapshot: plainSnapshot, serverVersion: version } as Manifest;
        const inDrill = findDifferences(plainSnapshot, after, elsewhere(version, '16.9'));
        const isCarriedOver = carriedOver.some((facet) => facet === id);
        expect(verifyRestored(manifest, after, '16.9')).toEqual(isCarriedOver ? [] : inDrill);
      }
    },
  );
});
