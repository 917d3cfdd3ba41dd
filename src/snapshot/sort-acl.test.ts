import { expect, test } from 'vitest';
import { sortAcl } from './sort-acl.ts';

test.for([
  ['of two orders are the same', '{b=c/a,=Tc/a}', '{=Tc/a,b=c/a}'],
  ['with names in quotes keep what is in those', '{"\\"x,}\\"=c/a",b=c/a}', '{b=c/a,"\\"x,}\\"=c/a"}'],
  ['behind an owner are sorted alone', 'owner {b=r/a,a=rw/a}', 'owner {a=rw/a,b=r/a}'],
])('privileges %s', ([, one = '', other = '']) => {
  expect(sortAcl(one)).toBe(sortAcl(other));
});

test.for([
  ['another privilege', '{a=c/a}', '{a=Cc/a}'],
  ['another grantor', '{a=c/a}', '{a=c/b}'],
  ['one more', '{a=c/a}', '{a=c/a,b=c/a}'],
])('%s is a difference', ([, one = '', other = '']) => {
  expect(sortAcl(one)).not.toBe(sortAcl(other));
});
