import { expect, test } from 'vitest';
import type { ObjectRights } from './rights.ts';
import { rightsStatements } from './rights-statements.ts';

const of = (object: string, rights: string, more: Partial<ObjectRights> = {}): ObjectRights => ({
  ...{ object, subject: object, within: null },
  rights: rights
    .split(' ')
    .filter(Boolean)
    .map((text) => {
      const [role = '', privilege = ''] = text.split('=');
      const isGrantable = privilege.endsWith('*');
      return { role: role === '' ? null : role, privilege: privilege.replace('*', ''), grantable: isGrantable };
    }),
  ...more,
});

const t = 'table public.t';
const odd = 'default privileges of "a for tables in b" for tables in "x in y"';

test.each<[string, ObjectRights[], ObjectRights[], string[]]>([
  ['the same', [of(t, 's=OWNER app=SELECT')], [of(t, 's=OWNER app=SELECT')], []],
  ['a grant', [of(t, 'app=SELECT')], [of(t, '')], ['grant SELECT on table public.t to app']],
  ['one with its option', [of(t, 'a=SELECT*')], [of(t, 'a=SELECT')], [`grant SELECT on ${t} to a with grant option`]],
  [
    'an option too many',
    [of(t, 'a=SELECT')],
    [of(t, 'a=SELECT*')],
    [`revoke grant option for SELECT on ${t} from a cascade`],
  ],
  [
    'what PUBLIC has not',
    [of('function public.f(integer)', '')],
    [of('function public.f(integer)', '=EXECUTE')],
    ['revoke EXECUTE on routine public.f(integer) from public cascade'],
  ],
  ['another owner', [of(t, 'a=OWNER a=SELECT')], [of(t, 'b=OWNER b=SELECT')], [`grant SELECT on ${t} to a`]],
  [
    'what an owner has taken from himself',
    [of(t, 'a=OWNER')],
    [of(t, 'a=OWNER a=SELECT')],
    [`revoke SELECT on ${t} from a cascade`],
  ],
  [
    'a column',
    [of('view public."v.w"', ''), of('view column public."v.w"."c d"', 'a=UPDATE', { within: 'view public."v.w"' })],
    [of('view public."v.w"', ''), of('view column public."v.w"."c d"', '', { within: 'view public."v.w"' })],
    ['grant UPDATE ("c d") on table public."v.w" to a'],
  ],
  [
    'defaults that are set in live only, in a schema',
    [of('schema "x in y"', ''), of(odd, 'a=SELECT', { subject: 'schema "x in y"' })],
    [of('schema "x in y"', '')],
    ['alter default privileges for role "a for tables in b" in schema "x in y" grant SELECT on tables to a'],
  ],
  ['what is not in the other', [of(t, 'a=SELECT')], [of('table public.u', 'a=SELECT')], []],
  ['what has no privileges', [of('collation public.c', 'a=OWNER')], [of('collation public.c', 'b=OWNER')], []],
])('%s', (_, live, restored, statements) => {
  expect(rightsStatements(live, restored).flat()).toEqual(statements);
});
