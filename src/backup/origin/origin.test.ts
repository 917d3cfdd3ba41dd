import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { absoluteOrigin, parseOrigin, showAddress } from './origin.ts';

test.for([
  ['a.dump', { kind: 'file', file: '/here/a.dump' }],
  ['/b/a b.dump', { kind: 'file', file: '/b/a b.dump' }],
  ['./a:b.dump', { kind: 'file', file: '/here/a:b.dump' }],
  ['file:///b/a.dump', { kind: 'file', file: '/b/a.dump' }],
  ['dumps/**/shop-*.gz', { kind: 'newest', directory: '/here/dumps', pattern: '**/shop-*.gz' }],
  ['remote:bucket/path/', { kind: 'remote', remote: 'remote:bucket/path' }],
  ['t:', { kind: 'remote', remote: 't:' }],
  [':sftp,host=h:/backups', { kind: 'remote', remote: ':sftp,host=h:/backups' }],
  ['s3://bucket/prefix/', { kind: 'remote', remote: ':s3,env_auth=true:bucket/prefix' }],
] as const)('%s is what it says', ([text, origin]) => {
  expect(parseOrigin(text, '/here')).toEqual(origin);
});

test('what is there is that file, whatever its name looks like', async () => {
  const directory = await makeWorkspace({ 'shop_2026-02-01T03:00:00.dump': '', 'a[1]*.dump': '' });
  await mkdir(join(directory, 's3:'));
  for (const name of ['shop_2026-02-01T03:00:00.dump', 'a[1]*.dump']) {
    expect(parseOrigin(name, directory)).toEqual({ kind: 'file', file: join(directory, name) });
  }
});

test('an address is taken as it is, and shown without its secrets', () => {
  const text = 'https://me:geheim@host/a/b.dump?X-Amz-Signature=geheim';
  expect(absoluteOrigin(text, '/here')).toBe(text);
  expect(showAddress(new URL(text))).toBe('https://host/a/b.dump?…');
});

test.for(['ftp://host/a.dump', 'https://', 'postgres://host/db'])('%s is refused, with what is taken', (text) => {
  expect(() => parseOrigin(text, '/here')).toThrow(/address/);
});
