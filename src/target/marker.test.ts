import { expect, test } from 'vitest';
import { assertScratch } from './assert-scratch.ts';
import { markerStatements, readMarker } from './marker.ts';

const at = 'scratch.example.com:5432';
const system = '7713941693309362215/1';
const good = { ...marker(), beside: ['app_dev'] };
const facts = {
  ...{ system, isStandby: false, isSuperuser: false, lacks: [], isMarked: true },
  ...{ marker: JSON.stringify(good), others: ['app_dev'] },
};

test('what an administrator is told to type is a marker', () => {
  expect(markerStatements({ system, at }, { exists: false, login: 'drill "1"' })).toContain('owner "drill ""1"""');
  expect(readMarker(JSON.stringify(marker()))).toMatchObject({ system, at, beside: [] });
});

test('a marked server is a target', () => {
  expect(() => {
    assertScratch(facts, at, 'drill');
  }).not.toThrow();
});

test.for([
  ['without the database of the marker', { isMarked: false, marker: null }, 'TARGET_NOT_MARKED', /create database/],
  ['without a comment', { marker: null }, 'TARGET_NOT_MARKED', /has no comment/],
  ['with a comment of somebody', { marker: 'scratch' }, 'TARGET_NOT_MARKED', /is no JSON/],
  [
    'whose marker promises less',
    { marker: JSON.stringify({ ...good, scratch: 'maybe' }) },
    'TARGET_NOT_MARKED',
    /"scratch" is not/,
  ],
  ['that was restored from a dump of a marked one', { system: '99/1' }, 'TARGET_NOT_MARKED', /is a copy/],
  ['that was promoted', { system: system.replace('/1', '/2') }, 'TARGET_NOT_MARKED', /failed over/],
  ['with a database that nobody named', { others: ['app_dev', 'shop'] }, 'TARGET_REFUSED', /"shop"/],
  ['that follows another one', { isStandby: true }, 'TARGET_REFUSED', /standby/],
  ['whose login may make nothing', { lacks: ['CREATEDB', 'CREATEROLE'] }, 'NOT_PERMITTED', /createdb createrole;/],
] as const)('a server %s is refused', ([, changes, code, message]) => {
  const assert = () => {
    assertScratch(
      {
        ...facts,
        ...changes,
        lacks: [...('lacks' in changes ? changes.lacks : [])],
        others: [...('others' in changes ? changes.others : facts.others)],
      },
      at,
      'drill',
    );
  };
  expect(assert).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
});

test('a copy of its disk answers elsewhere, and is refused', () => {
  expect(() => {
    assertScratch(facts, 'production.example.com:5432', 'drill');
  }).toThrow(/its marker is of scratch\.example\.com/);
});

function marker(): Record<string, unknown> {
  const [, comment = ''] = /is '(.*)';$/.exec(markerStatements({ system, at }, { exists: true, login: 'drill' })) ?? [];
  return JSON.parse(comment) as Record<string, unknown>;
}
