import { expect, test } from 'vitest';
import { assumeProfile, profileName } from './assumed-profile.ts';

const known = { owner: 'owner', ownership: 'preserve' as const, roles: ['other'], extensions: ['hstore'] };

test('what is known of a database is a profile, and its reports go where the person stands', () => {
  const { profile } = assumeProfile({ ...known, name: 'shop' }, '/somewhere');
  expect(profile).toMatchObject({
    name: 'shop',
    database: { name: 'shop', owner: 'owner' },
    evidence: { directory: '/somewhere/reports' },
    ...{ ownership: 'preserve', roles: ['other'], extensions: ['hstore'], seed: [] },
  });
});

test('a database of the server itself is none', () => {
  expect(() => assumeProfile({ ...known, name: 'template1' }, '/')).toThrow(
    /There is no profile.*database: names a database of the server itself.*--config/,
  );
});

test.for([
  ['shop', 'shop'],
  ['Shop "2"; drop', 'Shop-2-drop'],
  ['-rf', 'rf'],
  ['магазин', 'database'],
  ['$(id)', 'id'],
  ['a\u001b[31m\nb', 'a-31m-b'],
] as const)('the database %j has a profile of the name %s', ([database, name]) => {
  expect(profileName(database)).toBe(name);
});
