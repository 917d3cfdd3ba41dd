import { expect, test } from 'vitest';
import { compareRights } from './compare-rights.ts';
import type { ObjectRights, Right } from './rights.ts';

/** `app=SELECT*`: with grant option; `=SELECT`: of PUBLIC. */
function object(name: string, rights: string, more: Partial<ObjectRights> = {}): ObjectRights {
  const read = (text: string): Right => {
    const [role = '', privilege = ''] = text.split('=');
    return {
      role: role === '' ? null : role,
      privilege: privilege.replace('*', ''),
      grantable: privilege.endsWith('*'),
    };
  };
  const list = rights === '' ? [] : rights.split(' ').map(read);
  return { object: name, subject: name, within: null, rights: list, ...more };
}

const t = 'table public.t';
const c = 'table column public.t.c';

test.each<[string, ObjectRights[], ObjectRights[], string[]]>([
  ['is equal', [object(t, 's=OWNER app=SELECT')], [object(t, 's=OWNER app=SELECT')], []],
  ['lacks a grant', [object(t, 'app=SELECT app=INSERT')], [object(t, '')], [`app ${t} INSERT SELECT`]],
  ['lacks what PUBLIC has', [object(t, '=SELECT')], [object(t, '')], [`PUBLIC ${t} SELECT`]],
  ['gives to everybody what one role has', [object(t, 'app=SELECT')], [object(t, '=SELECT')], []],
  ['gives it to everybody as well', [object(t, 'app=SELECT')], [object(t, 'app=SELECT =SELECT')], []],
  ['has the same grant option', [object(t, 'app=SELECT*')], [object(t, 'app=SELECT*')], []],
  ['has that of another right', [object(t, 'app=INSERT')], [object(t, 'app=SELECT*')], [`app ${t} INSERT`]],
  [
    'lacks a grant option',
    [object(t, 'app=SELECT*')],
    [object(t, 'app=SELECT')],
    [`app ${t} SELECT WITH GRANT OPTION`],
  ],
  [
    'lacks a right with its grant option',
    [object(t, 'a=SELECT*')],
    [object(t, '')],
    [`a ${t} SELECT WITH GRANT OPTION`],
  ],
  ['is owned by another', [object(t, 'a=OWNER a=SELECT a=INSERT')], [object(t, 'b=OWNER b=SELECT')], [`a ${t} OWNER`]],
  ['has other rights for its owner', [object(t, 'a=OWNER a=INSERT')], [object(t, 'a=OWNER')], [`a ${t} INSERT`]],
  ['lacks the object', [object(t, 'app=SELECT')], [], []],
  ['lacks a column', [object(t, ''), object(c, 'app=SELECT', { within: t })], [object(t, '')], []],
  [
    'lacks the right on a column',
    [object(t, ''), object(c, 'app=SELECT', { within: t })],
    [object(t, ''), object(c, '', { within: t })],
    [`app ${c} SELECT`],
  ],
  [
    'gives the whole table instead of a column',
    [object(t, ''), object(c, 'app=SELECT', { within: t })],
    [object(t, 'app=SELECT'), object(c, '', { within: t })],
    [],
  ],
  [
    'lacks defaults in a schema',
    [object('schema s', ''), object('defaults in s', 'app=SELECT', { subject: 'schema s' })],
    [object('schema s', '')],
    ['app defaults in s SELECT'],
  ],
  ['lacks the schema of defaults', [object('defaults in s', 'app=SELECT', { subject: 'schema s' })], [], []],
])(
  'where the other side %s, what is lost is what it lacks, and gained the other way round',
  (_, live, restored, lost) => {
    const print = (roles: ReturnType<typeof compareRights>['lost']) =>
      roles.flatMap(({ role, objects }) =>
        objects.map(({ object: name, privileges }) => `${role ?? 'PUBLIC'} ${name} ${privileges.join(' ')}`),
      );
    expect(print(compareRights(live, restored).lost)).toEqual(lost);
    expect(print(compareRights(restored, live).gained)).toEqual(lost);
  },
);

test.each([
  [
    ['b', 'z=USAGE A=USAGE'],
    ['a', 'z=USAGE =USAGE'],
  ],
  [
    ['a', '=USAGE z=USAGE'],
    ['b', 'A=USAGE z=USAGE'],
  ],
])('roles and objects are in the order of their names, PUBLIC first, and not of %j and %j', (...rights) => {
  const live = rights.map(([name, given]) => object(name ?? '', given ?? ''));
  const { lost } = compareRights(live, [object('a', ''), object('b', '')]);
  expect(lost.map(({ role, objects }) => [role, objects.map(({ object: name }) => name)])).toEqual([
    [null, ['a']],
    ['A', ['b']],
    ['z', ['a', 'b']],
  ]);
});
