import { describe, expect, test } from 'vitest';
import { findMismatch } from './match-json.ts';

describe('an answer holds what is expected', () => {
  test.for([
    ['equal texts', 'ok', 'ok'],
    ['equal numbers, however they are written', JSON.parse('-0'), 0],
    ['null', null, null],
    ['false', false, false],
    ['further keys', { status: 'ok', uptime: 3 }, { status: 'ok' }],
    ['further keys at a depth', { a: { b: { c: 1, d: 2 } }, e: 3 }, { a: { b: { c: 1 } } }],
    ['further keys in elements of a list', [{ id: 1, name: 'x' }], [{ id: 1 }]],
    ['another order of keys', { b: 1, a: 2 }, { a: 2, b: 1 }],
    ['any object, where an empty one is expected', { a: 1 }, {}],
    ['an empty list', [], []],
  ] as [string, unknown, unknown][])('%s', ([, actual, expected]) => {
    expect(findMismatch(actual, expected)).toBeNull();
  });
});

describe('an answer that differs says where', () => {
  test.for([
    ['another text', 'ok', 'OK', '$'],
    ['a text for a number', '1', 1, '$'],
    ['a number for a boolean', 1, true, '$'],
    ['nothing', undefined, { a: 1 }, '$'],
    ['null for an object', null, {}, '$'],
    ['a list for an object', [], {}, '$'],
    ['an object for a list', {}, [], '$'],
    ['an object for null', {}, null, '$'],
    ['a key that is not there', { a: { b: 1 } }, { a: { c: 1 } }, '$.a.c'],
    ['a key that is not there, where null is expected', {}, { a: null }, '$.a'],
    ['a key that every object inherits', {}, JSON.parse('{"__proto__":{}}'), '$.__proto__'],
    ['a value at a depth', { user: { roles: ['a', 'b'] } }, { user: { roles: ['a', 'c'] } }, '$.user.roles[1]'],
    ['a list that is too long', { a: [1, 2] }, { a: [1] }, '$.a'],
    ['a list that is too short', { a: [1] }, { a: [1, 2] }, '$.a'],
    ['a list in another order', [1, 2], [2, 1], '$[0]'],
    ['the first of several', { a: 1, b: 2 }, { a: 2, b: 3 }, '$.a'],
  ] as [string, unknown, unknown, string][])('%s', ([, actual, expected, path]) => {
    expect(findMismatch(actual, expected)).toBe(path);
  });
});
