import { describe, expect, test } from 'vitest';
import { differencesByFacet, omit, plainSnapshot } from '../../fixtures/testing/one-difference.ts';
import { compareSnapshots } from './compare.ts';
import { facetIds } from './facets.ts';
import type { FacetId } from './snapshot.ts';

test('a snapshot is equal to itself', () => {
  expect(compareSnapshots(plainSnapshot, structuredClone(plainSnapshot))).toEqual([]);
});

describe.each(Object.entries(differencesByFacet))('a difference in %s', (id, differences) => {
  test.each(differences)('is named once, with the checks that it fails: $what', ({ changes, fails }) => {
    const found = compareSnapshots(plainSnapshot, { ...plainSnapshot, ...changes });
    expect(found.map(({ checks }) => checks)).toEqual([fails]);
    expect(compareSnapshots(plainSnapshot, { ...plainSnapshot, ...changes }, [id as FacetId])).toEqual(found);
    const others = facetIds.filter((other) => other !== id);
    expect(compareSnapshots(plainSnapshot, { ...plainSnapshot, ...changes }, others)).toEqual([]);
  });
});

test.each(Object.keys(plainSnapshot.state))('%s is not compared where one side does not hold it', (category) => {
  const without = { ...plainSnapshot, state: omit(plainSnapshot.state, [category]) };
  expect(compareSnapshots(plainSnapshot, without)).toEqual([]);
  expect(compareSnapshots(without, plainSnapshot)).toEqual([]);
});

test('a difference that two facets find is named by the first, whatever quotes its name has', () => {
  const table = { type: 'TABLE', object: 'Client s', definition: 'create table' };
  const rows = { name: '"Client s"', kind: 'table', rows: 3, digest: 'a', notRead: null } as const;
  const before = { ...plainSnapshot, tables: [rows], schema: { a: table } };
  const found = compareSnapshots(before, { ...before, tables: [], schema: {} });
  expect(found.map(({ rule, object, checks }) => [rule, object, checks])).toEqual([
    ['TABLE_MISSING', '"Client s"', ['row-counts', 'content']],
  ]);
});

test('differences of other objects, and others of the same one, are named each', () => {
  const entry = (type: string, object: string) => ({ type, object, definition: 'create' });
  const schema = { a: entry('TABLE', 'users'), b: entry('VIEW', 'users'), c: entry('VIEW', 'more') };
  const found = compareSnapshots({ ...plainSnapshot, schema }, { ...plainSnapshot, schema: {} });
  expect(found.map(({ rule, object }) => `${rule} ${object}`)).toEqual([
    'TABLE_MISSING users',
    'VIEW_MISSING users',
    'VIEW_MISSING more',
  ]);
});

test('what a difference says of its origin goes before what its facet says', () => {
  const changed = { ...plainSnapshot, schema: { ...plainSnapshot.schema } };
  changed.schema['INDEX by_name'] = { type: 'INDEX', object: 'by_name', definition: 'another' };
  expect(compareSnapshots(plainSnapshot, changed)).toMatchObject([{ origin: 'version' }]);
  expect(compareSnapshots(plainSnapshot, { ...plainSnapshot, schema: {} })).toMatchObject([{ origin: 'backup' }]);
});

test('digests of different versions are never compared', () => {
  expect(() => compareSnapshots({ ...plainSnapshot, digestVersion: 1 }, plainSnapshot)).toThrow(
    'Digests of version 2 were read, to compare with version 1.',
  );
});
