import { expect, test } from 'vitest';
import { withoutUnknownGrantors } from './globals.ts';

test('a grantor stays where that role was given the right to grant before, and goes where it was not', () => {
  const lines = [
    'CREATE ROLE postgres;',
    'GRANT team TO boss WITH ADMIN OPTION GRANTED BY postgres;',
    'GRANT team TO "a ""b""" WITH INHERIT TRUE GRANTED BY boss;',
    'GRANT other TO "a ""b""" GRANTED BY boss;',
    'GRANT team TO app;',
  ];
  expect(withoutUnknownGrantors(lines.join('\n')).split('\n')).toEqual([
    'CREATE ROLE postgres;',
    'GRANT team TO boss WITH ADMIN OPTION;',
    'GRANT team TO "a ""b""" WITH INHERIT TRUE GRANTED BY boss;',
    'GRANT other TO "a ""b""";',
    'GRANT team TO app;',
  ]);
});
