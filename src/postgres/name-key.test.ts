import { expect, test } from 'vitest';
import { nameKey } from './name-key.ts';

test.each([
  ['public.users', '"public"."users"'],
  ['public."Users"', '"public"."Users"'],
  ['a."b.c"', '"a"."b.c"'],
  ['a."b""c"', '"a"."b""c"'],
])('%s is %s', (one, other) => {
  expect(nameKey(one)).toBe(nameKey(other));
});

test.each([
  ['a.b', '"a.b"'],
  ['a."b.c"', 'a.b.c'],
  ['public.users', 'public."Users"'],
  ['a."b""c"', 'a."b"'],
])('%s is not %s', (one, other) => {
  expect(nameKey(one)).not.toBe(nameKey(other));
});
