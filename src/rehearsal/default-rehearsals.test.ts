import { describe, expect, test } from 'vitest';
import { profileSchema, type ProfileInput } from '../config/profile.ts';
import { defaultRehearsals, defaultSource } from './default-rehearsals.ts';

const none = { backup: null, newestIn: null, fromOffsite: false, source: null, rehearsals: [] as string[], all: false };
const url = 'postgres://u@h/x';

function profileWith(changes: Partial<ProfileInput>, databaseUrl?: string) {
  const database = { name: 'x', owner: 'x', ...(databaseUrl !== undefined && { url: databaseUrl }) };
  return profileSchema.parse({ name: 'x', database, ...changes });
}

describe('without a name', () => {
  test.for([
    ['a seed', { seed: ['x.sql'] }, ['clean-state']],
    ['a seed and an empty directory', { seed: ['x.sql'], backups: { directory: '/nowhere' } }, ['clean-state']],
    ['a directory of backups alone, empty or not', { backups: { directory: '/nowhere' } }, ['latest-backup']],
  ] as const)('%s is rehearsed by itself', async ([, changes, expected]) => {
    const { seed = [], ...rest } = changes as Partial<ProfileInput>;
    expect(await defaultRehearsals(none, profileWith({ seed, ...rest }))).toEqual(expected);
  });

  test('a database.url alone is the source', async () => {
    const profile = profileWith({}, url);
    const source = defaultSource(none, profile);
    expect(source).toBe(url);
    expect(await defaultRehearsals({ ...none, source }, profile)).toEqual(['latest-backup']);
  });

  test('nothing at all is an error that names every way', async () => {
    await expect(defaultRehearsals(none, profileWith({}))).rejects.toThrow(
      /no seed, no backups\.directory and no database\.url.*--backup FILE.*--source URL/,
    );
  });
});

test.for([
  ['a rehearsal that is named', { rehearsals: ['faults'] }, {}],
  ['--backup', { backup: '/x.dump' }, {}],
  ['a seed', {}, { seed: ['x.sql'] }],
  ['a directory of backups', {}, { backups: { directory: '/x' } }],
] as const)('%s counts more than database.url', ([, given, changes]) => {
  const asked = { ...none, ...given, rehearsals: [...(('rehearsals' in given ? given.rehearsals : undefined) ?? [])] };
  expect(defaultSource(asked, profileWith(changes as Partial<ProfileInput>, url))).toBeNull();
});
