import { describe, expect, test } from 'vitest';
import { profileSchema, type AppProfile } from '../config/profile.ts';
import { applicationVariables } from './variables.ts';

const database = { host: '127.0.0.1', port: 5433, user: 'a:b@c', password: 'p/w?', database: 'x y%' };

function appWith(env: unknown): AppProfile {
  const profile = { name: 'x', database: { name: 'x', owner: 'x' }, seed: ['x.sql'], app: { command: ['x'], env } };
  return profileSchema.parse(profile).app as AppProfile;
}

test('variables of an object are given as they are', () => {
  expect(applicationVariables(appWith({ A: 'b', EMPTY: '' }), database)).toEqual({ A: 'b', EMPTY: '' });
});

test('without any, none are given', () => {
  expect(applicationVariables(appWith(undefined), database)).toEqual({});
});

test('a function gets the database in parts and as a URL that stands for exactly those', () => {
  const app = appWith(({ url, ...parts }: { url: string }) => ({ PARTS: JSON.stringify(parts), URL: url }));
  const { PARTS: parts = '', URL: url = '' } = applicationVariables(app, database);
  expect(JSON.parse(parts)).toEqual(database);
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  expect([protocol, hostname, port]).toEqual(['postgres:', '127.0.0.1', '5433']);
  expect([username, password, pathname].map(decodeURIComponent)).toEqual(['a:b@c', 'p/w?', '/x y%']);
});

describe('a function that gives no variables is PROFILE_INVALID', () => {
  const problem = 'app.env has to return an object whose values are strings.';
  test.for([
    [
      'it throws',
      () => {
        throw new Error('no such key');
      },
      'app.env failed: no such key',
    ],
    ['it returns nothing', () => undefined, problem],
    ['it returns null', () => null, problem],
    ['it returns a text', () => 'A=b', problem],
    ['it returns a list', () => ['A=b'], problem],
    ['it returns a Map', () => new Map([['A', 'b']]), problem],
    ['it is async', () => Promise.resolve({ A: 'b' }), problem],
    ['a value is a number', () => ({ PORT: 1 }), problem],
    ['a value is missing', () => ({ A: undefined }), problem],
  ] as [string, () => unknown, string][])('%s', ([, env, message]) => {
    expect(() => applicationVariables(appWith(env), database)).toThrow(
      expect.objectContaining({ code: 'PROFILE_INVALID', message }) as Error,
    );
  });
});
