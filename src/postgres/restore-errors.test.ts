import { expect, test } from 'vitest';
import { classifyRestoreErrors } from './restore-errors.ts';

test.for([
  ['pg_restore: error: unsupported version (1.16) in file header', 'ARCHIVE_VERSION_UNSUPPORTED', '1.16'],
  ['pg_restore: error: input file does not appear to be a valid archive', 'ARCHIVE_NOT_RECOGNISED', 'archive'],
  ['pg_restore: error: could not read from input file: end of file', 'ARCHIVE_TRUNCATED', 'archive'],
  ['pg_restore: error: could not uncompress data: (null)', 'ARCHIVE_CORRUPT', 'archive'],
  [
    'pg_restore: error: could not execute query: ERROR:  role "app reader" does not exist',
    'ROLE_MISSING',
    'app reader',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  extension "postgis" is not available',
    'EXTENSION_MISSING',
    'postgis',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  could not open extension control file "/usr/share/postgresql/15/extension/hll.control": No such file or directory',
    'EXTENSION_MISSING',
    'hll',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  permission denied to create extension "postgis"',
    'EXTENSION_NOT_PERMITTED',
    'postgis',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  must be owner of extension plpgsql',
    'EXTENSION_NOT_PERMITTED',
    'plpgsql',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"',
    'SETTING_UNKNOWN',
    'transaction_timeout',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  tablespace "fast" does not exist',
    'TABLESPACE_MISSING',
    'fast',
  ],
  [
    'pg_restore: error: COPY failed for table "t": ERROR:  new row for relation "t" violates check constraint "t_check"',
    'CHECK_VIOLATED',
    't_check',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  insert or update on table "a" violates foreign key constraint "a_b_fkey"',
    'FOREIGN_KEY_VIOLATED',
    'a_b_fkey',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  could not create unique index "a_pkey"',
    'UNIQUENESS_VIOLATED',
    'a_pkey',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  function lookup(integer) does not exist',
    'FUNCTION_NOT_FOUND',
    'lookup(integer)',
  ],
  [
    'pg_restore: error: could not execute query: ERROR:  relation "rates" does not exist',
    'RELATION_NOT_FOUND',
    'rates',
  ],
  ['pg_restore: error: could not execute query: ERROR:  relation "users" already exists', 'OBJECT_EXISTS', 'users'],
  [
    'pg_restore: error: could not execute query: ERROR:  must be superuser to create a base type',
    'PERMISSION_DENIED',
    '',
  ],
  ['pg_restore: error: something that nobody has seen', 'RESTORE_FAILED', 'archive'],
] as const)('%s is %s', ([line, rule, object]) => {
  const [error, ...more] = classifyRestoreErrors(`pg_restore: connecting\n${line}\n`);
  expect(more).toEqual([]);
  expect(error).toMatchObject({ rule, message: line, ...(object !== '' && { object }) });
  expect(error?.remedy).not.toBe('');
});

test('every error is read, warnings and progress are not', () => {
  const log = [
    'pg_restore: while PROCESSING TOC:',
    'pg_restore: from TOC entry 215; 1259 16389 TABLE users app',
    'pg_restore: error: could not execute query: ERROR:  role "a" does not exist',
    'pg_restore: error: could not execute query: ERROR:  role "b" does not exist',
    'pg_restore: warning: errors ignored on restore: 2',
  ].join('\n');
  expect(classifyRestoreErrors(log).map(({ object }) => object)).toEqual(['a', 'b']);
});
