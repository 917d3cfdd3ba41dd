import { expect, test } from 'vitest';
import type { DumpOutline } from '../backup/format/dump-outline.ts';
import type { Finding } from '../evidence/schema.ts';
import { withProfileLines } from './profile-lines.ts';

const outline: DumpOutline = {
  ...{ database: 'shop', owner: 'owner', ownerOfMost: 'owner', databaseOptions: {} },
  roles: ['clerk', "it's $(x)\n", 'owner'],
  extensions: ['plpgsql', 'postgis'],
  ofSuperuser: [],
};
const profile = {
  ...{ name: 'shop', database: { name: 'shop', owner: 'owner' }, restoreAs: 'operator' as const },
  ...{ ownership: 'preserve' as const, roles: ['auditor'], extensions: ['hstore'] },
};
const written = { isAssumed: false };
const error = (rule: string, message = 'says so') => ({
  ...{ rule, message, severity: 'error' as const, object: 'x', remedy: 'Do this.' },
});
const remedyOf = (...given: Parameters<typeof withProfileLines>) => withProfileLines(...given)[0]?.remedy;

test.for(['ROLE_MISSING', 'EXTENSION_NOT_PERMITTED', 'PERMISSION_DENIED'])(
  '%s names all lines that the profile lacks, with those that it has',
  (rule) => {
    expect(remedyOf([error(rule)], outline, profile, written)?.split('\n')).toEqual([
      'Do this.',
      'All that this dump takes, for the profile:',
      "  roles: ['auditor', 'clerk', 'it\\'s $(x)\\n'],",
      "  extensions: ['hstore', 'postgis'],",
    ]);
  },
);

test('what takes a superuser is named, with the roles that it restores then, and without extensions, which it creates', () => {
  const dump = { ...outline, ofSuperuser: ['EVENT TRIGGER'] };
  const runbook = { ...profile, ownership: 'runbook' as const };
  expect(remedyOf([error('PERMISSION_DENIED')], dump, runbook, written)).toMatch(
    /roles: \['auditor', 'clerk', .*\],\n {2}restoreAs: 'superuser', \/\/ for EVENT TRIGGER$/,
  );
});

test('an error that says that it takes a superuser does, too', () => {
  const [finding] = withProfileLines([error('PERMISSION_DENIED', 'must be superuser')], outline, profile, written);
  expect(finding?.remedy).toContain("restoreAs: 'superuser',");
});

test('what is denied though all is there takes one, as far as can be told', () => {
  const whole = { ...profile, roles: outline.roles, extensions: outline.extensions };
  expect(remedyOf([error('PERMISSION_DENIED')], outline, whole, written)).toMatch(
    /profile:\n {2}restoreAs: 'superuser',$/,
  );
});

test('without a profile, it is a whole one that can be loaded', async () => {
  const dump = { ...outline, ofSuperuser: ['EVENT TRIGGER'] };
  const assumed = { ...profile, roles: outline.roles.slice(0, 2), extensions: ['postgis'] };
  const remedy = remedyOf([error('PERMISSION_DENIED')], dump, assumed, { isAssumed: true }) ?? '';
  const text = remedy.slice(remedy.indexOf('export default'));
  const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { default: unknown };
  expect(module.default).toEqual({
    ...{ name: 'shop', database: profile.database, ownership: 'preserve', restoreAs: 'superuser' },
    ...{ roles: assumed.roles, extensions: ['postgis'] },
  });
});

test.for([
  ['another error', [error('CHECK_VIOLATED')], outline],
  ['a dump that says nothing', [error('ROLE_MISSING')], null],
  ['a profile that has all', [error('ROLE_MISSING')], { ...outline, roles: ['owner'], extensions: [] }],
] satisfies [string, Finding[], DumpOutline | null][])('%s is left as it is', ([, findings, dump]) => {
  expect(withProfileLines(findings, dump, profile, written)).toEqual(findings);
});
