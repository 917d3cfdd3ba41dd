import { describe, expect, test } from 'vitest';
import { compareSnapshots } from './compare.ts';
import type { Snapshot } from './snapshot.ts';

type State = Snapshot['state'];

const nothing: Snapshot = {
  digestVersion: 2,
  tables: [],
  largeObjects: { rows: 0, digest: '' },
  sequences: [],
  schema: {},
  state: {},
};

function compare(before: State, after: State) {
  const [source, restored] = [before, after].map((state) => ({ ...nothing, state })) as [Snapshot, Snapshot];
  return compareSnapshots(source, restored).map(({ rule, object, expected, actual }) => [
    rule,
    object,
    expected,
    actual,
  ]);
}

describe('comparing state', () => {
  test('says nothing of equal values, or of a category that was not read', () => {
    expect(compare({ ROLE: { a: 'x' } }, { ROLE: { a: 'x' } })).toEqual([]);
    expect(compare({}, {})).toEqual([]);
  });

  test('names what changed, is missing, or is too many', () => {
    expect(compare({ EXTENSION: { a: '1', b: '1' } }, { EXTENSION: { a: '2', c: '1' } })).toEqual([
      ['EXTENSION_CHANGED', 'a', '1', '2'],
      ['EXTENSION_MISSING', 'b', '1', 'none'],
      ['EXTENSION_UNEXPECTED', 'c', 'none', '1'],
    ]);
  });

  test.each([
    'MATERIALIZED_VIEW_DATA',
    'CONSTRAINT_STATE',
    'TRIGGER_STATE',
    'INDEX_STATE',
    'TABLE_STATE',
    'USER_MAPPING',
  ] as const)('leaves a missing object of %s to the definitions', (category) => {
    expect(compare({ [category]: { a: '1' } }, { [category]: {} })).toEqual([]);
    expect(compare({ [category]: {} }, { [category]: { a: '1' } })).toEqual([]);
    expect(compare({ [category]: { a: '1' } }, { [category]: { a: '2' } })).toHaveLength(1);
  });

  test('tells an empty value from none', () => {
    expect(compare({ DATABASE: { comment: '' } }, { DATABASE: {} })).toEqual([
      ['DATABASE_MISSING', 'comment', '', 'none'],
    ]);
  });

  test.each([
    ['a column that an older version does not have', { daticulocale: '', daticurules: '' }, {}],
    ['a column that a newer version has besides', {}, { datlocprovider: 'c', daticulocale: '', datcollversion: '' }],
    ['the locale of ICU, whose column has another name in 17', { daticulocale: 'de' }, { datlocale: 'de' }],
  ])('takes %s for no difference of the database', (_, before, after) => {
    expect(compare({ DATABASE: before }, { DATABASE: after })).toEqual([]);
    expect(compare({ DATABASE: after }, { DATABASE: before })).toEqual([]);
  });

  test('tells a locale of ICU from another one across versions, and from none', () => {
    const difference = ['DATABASE_CHANGED', 'datlocale', 'de', 'fr'];
    expect(compare({ DATABASE: { daticulocale: 'de' } }, { DATABASE: { datlocale: 'fr' } })).toEqual([difference]);
    expect(compare({ DATABASE: { daticulocale: 'de' } }, { DATABASE: {} })).toEqual([
      ['DATABASE_CHANGED', 'datlocale', 'de', ''],
    ]);
  });

  test.each(['constructor', '__proto__', 'toString'])('reads the name %s as any other', (name) => {
    const named = (value: string) => ({ ROLE: Object.fromEntries([[name, value]]) });
    expect(compare(named('1'), { ROLE: {} })).toEqual([['ROLE_MISSING', name, '1', 'none']]);
    expect(compare({ ROLE: {} }, named('1'))).toEqual([['ROLE_UNEXPECTED', name, 'none', '1']]);
  });
});
