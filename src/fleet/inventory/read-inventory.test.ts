import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { databases as schemaOfDatabases } from '../../config/databases-profile.ts';
import { profileSchema } from '../../config/profile.ts';
import { readEnvironment } from '../../system/environment.ts';
import { readInventory } from './read-inventory.ts';

const common = {
  file: 'rehearsal.config.mjs',
  profile: profileSchema.parse({ name: 'all', database: { name: 'app', owner: 'app' } }),
};
const odd = `odd 'name' $(x) "ü"`;
const list = [{ name: 'shop' }, { name: odd, database: { name: 'b', owner: 'o' } }];

async function listOf(databases: Record<string, unknown>, files: Readonly<Record<string, string>> = {}) {
  const directory = await makeWorkspace(files);
  for (const name of Object.keys(files)) if (name.endsWith('.sh')) await chmod(join(directory, name), 0o755);
  return readInventory(schemaOfDatabases.parse(databases), { ...common, directory }, readEnvironment());
}

test('a profile for one database lists that one', async () => {
  const listed = await readInventory(undefined, { ...common, directory: '/' }, readEnvironment());
  expect(listed.list).toEqual([{ name: 'app', database: common.profile.database }]);
});

test.for([
  ['what a function returns', () => Promise.resolve(list)],
  ['a list', list],
] as const)('%s is the list', async ([, databases]) => {
  const listed = await readInventory(databases, { ...common, directory: '/' }, readEnvironment());
  expect(listed).toMatchObject({ list, leftOut: [] });
});

test.for<[string, string]>([
  ['JSON', JSON.stringify(list)],
  ['JSON with a key', JSON.stringify({ databases: list })],
  ['YAML', `- name: shop\n- name: ${JSON.stringify(odd)}\n  database: { name: b, owner: o }\n`],
])('a file in %s holds it, where the profile is', async ([, text]) => {
  expect(await listOf({ file: 'list.txt' }, { 'list.txt': text })).toMatchObject({ list });
});

test.for<[string, Record<string, string>, RegExp]>([
  ['is not there', { other: '' }, /list\.txt cannot be read: ENOENT/],
  ['is neither', { 'list.txt': '{ "a": [' }, /neither JSON nor YAML: /],
])('a file that %s is refused', async ([, files, message]) => {
  await expect(listOf({ file: 'list.txt' }, files)).rejects.toMatchObject({
    code: 'PROFILE_INVALID',
    message: expect.stringMatching(message) as string,
  });
});

test('a program prints it, and gets its arguments as they are', async () => {
  const files = { 'list.sh': `#!/bin/sh\nprintf '[{"name":"%s"}]' "$1"` };
  expect(await listOf({ command: ['./list.sh', '$(x) a b'] }, files)).toMatchObject({ list: [{ name: '$(x) a b' }] });
});

test('a program that fails says so, without a password', async () => {
  const files = {
    'list.sh': '#!/bin/sh\necho \'[{"name":"shop"}]\'; echo "no postgres://me:s3cret@host/db" >&2; exit 3',
  };
  await expect(listOf({ command: ['./list.sh'] }, files)).rejects.toMatchObject({
    code: 'PROFILE_INVALID',
    message: expect.stringMatching(/^\.\/list\.sh, .* ended with status 3: no postgres:\/\/me:(?!s3cret)/) as string,
  });
});

const compose = `
services:
  db:
    image: postgres:16
    environment: { POSTGRES_DB: shop, POSTGRES_USER: keeper, POSTGRES_PASSWORD: x }
  bank-db:
    image: postgis/postgis:15-3.4
    environment: [POSTGRES_DB=bank, POSTGRES_PASSWORD=x]
  unknown:
    image: postgres:16
    environment: { POSTGRES_DB: '\${NOT_SET_ANYWHERE}', POSTGRES_PASSWORD: x }
  web:
    image: nginx
`;

test('a Compose file lists its services that run PostgreSQL, and says of which it does not know the database', async () => {
  const { list: found, leftOut } = await listOf({ compose: 'compose.yaml' }, { 'compose.yaml': compose });
  expect(found).toMatchObject([
    { name: 'db', database: { name: 'shop', owner: 'keeper' }, postgres: { image: 'postgres:16' } },
    { name: 'bank-db', database: { name: 'bank', owner: 'postgres' }, backups: { composeService: 'bank-db' } },
  ]);
  expect(leftOut).toEqual([{ name: 'unknown', why: 'a variable that is not set here names its database' }]);
  await expect(listOf({ compose: 'compose.yaml' })).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
});

test('a directory lists the databases that names of dumps say, and which files say none', async () => {
  const { list: found, leftOut } = await listOf(
    { directory: 'dumps' },
    { 'dumps/shop_20260209T020000Z.dump': 'x', 'dumps/bank-2026-02-09.sql.gz': 'x', 'dumps/notes.txt': 'x' },
  );
  expect(found).toMatchObject([{ name: 'bank', backups: { pattern: expect.any(String) as string } }, { name: 'shop' }]);
  expect(leftOut.every(({ why }) => why === 'its name says no database')).toBe(true);
  await expect(listOf({ directory: 'dumps' })).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
});

test('what the profile leaves out is said, by patterns of which only the star is special', async () => {
  const names = ['shop', 'test_1', 'test_', 'a.b', 'axb', 'test_\n2'].map((name) => ({ name }));
  const listed = await listOf({ file: 'x', except: ['test_*', 'a.b'] }, { x: JSON.stringify(names) });
  expect(listed.list).toEqual([{ name: 'shop' }, { name: 'axb' }]);
  expect(listed.leftOut).toContainEqual({ name: 'a.b', why: 'the profile leaves out "a.b"' });
  expect(listed.leftOut).toHaveLength(4);
});
