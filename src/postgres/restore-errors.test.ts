import { describe, expect, test } from 'vitest';
import { classifyRestoreErrors } from './restore-errors.ts';

test.for([
  ['pg_restore: error: unsupported version (1.16) in file header', 'ARCHIVE_VERSION_UNSUPPORTED', '1.16'],
  ['pg_restore: error: input file does not appear to be a valid archive', 'ARCHIVE_NOT_RECOGNISED', 'archive'],
  // PostgreSQL 18.
  ['pg_restore: error: input file does not appear to be a valid tar archive', 'ARCHIVE_NOT_RECOGNISED', 'archive'],
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

/** What pg_restore and PostgreSQL print, the rule, and the object where it is named. */
const messages: [message: string, rule: string, object?: string][] = [
  ['input file is too short (read 0, expected 5)', 'ARCHIVE_NOT_RECOGNISED'],
  ['did not find magic string in file header', 'ARCHIVE_NOT_RECOGNISED'],
  ['unexpected end of file', 'ARCHIVE_TRUNCATED'],
  ['could not read from input file: Success', 'ARCHIVE_TRUNCATED'],
  ['could not read from input file: no error, success', 'ARCHIVE_TRUNCATED'],
  ['could not close data file: Success', 'ARCHIVE_TRUNCATED'],
  ['could not open input file "d/3401.dat": No such file or directory', 'ARCHIVE_TRUNCATED'],
  ['could not open large object TOC file "d/blobs.toc": No such file or directory', 'ARCHIVE_TRUNCATED'],
  ['could not find file "3401.dat" in archive', 'ARCHIVE_TRUNCATED'],
  ['could not find header for file "3401.dat" in tar archive', 'ARCHIVE_TRUNCATED'],
  ['invalid line in large object TOC file "d/blobs.toc"', 'ARCHIVE_TRUNCATED'],
  ['pg_restore crashed while it read the archive', 'ARCHIVE_CORRUPT'],
  ['could not decompress data: another checksum', 'ARCHIVE_CORRUPT'],
  ['corrupt tar header found in x (expected 1, computed 2)', 'ARCHIVE_CORRUPT'],
  ['invalid compression code: 9', 'ARCHIVE_CORRUPT'],
  ['inflate: invalid block type', 'ARCHIVE_CORRUPT'],
  ['inflate: invalid distance too far back', 'ARCHIVE_CORRUPT'],
  ['inflate: invalid stored block lengths', 'ARCHIVE_CORRUPT'],
  ['inflate: incorrect data check', 'ARCHIVE_CORRUPT'],
  ['unrecognized data block type (0) while searching archive', 'ARCHIVE_CORRUPT'],
  ['found unexpected block ID (0) when reading data', 'ARCHIVE_CORRUPT'],
  ['entry ID 123 out of range', 'ARCHIVE_CORRUPT'],
  ['entry ID -12 out of range', 'ARCHIVE_CORRUPT'],
  ['bad dumpId number', 'ARCHIVE_CORRUPT'],
  ['bad date in the header', 'ARCHIVE_CORRUPT'],
  ['sanity check on integer size (32) failed', 'ARCHIVE_CORRUPT'],
  ['another integer size (16) in archive', 'ARCHIVE_CORRUPT'],
  ...[
    'terminating connection due to administrator command',
    'terminating connection due to idle-in-transaction timeout',
    'canceling statement due to statement timeout',
  ].map((message): [string, string, string] => [message, 'SESSION_ENDED_BY_DUMP', message]),
  ['role "a ""b"" c" does not exist', 'ROLE_MISSING', 'a ""b"" c'],
  ['role "a "b" c" does not exist', 'ROLE_MISSING', 'a "b" c'],
  ['unrecognized configuration parameter "app.tenant"', 'SETTING_UNKNOWN', 'app.tenant'],
  ['could not connect to server "warehouse"', 'FOREIGN_DATA_UNREACHABLE', 'warehouse'],
  ['could not establish connection', 'FOREIGN_DATA_UNREACHABLE', 'connection'],
  ['could not open file "/srv/prices.csv" for reading: No such file', 'FOREIGN_DATA_UNREACHABLE', '/srv/prices.csv'],
  ['extension "hll" does not exist', 'EXTENSION_MISSING', 'hll'],
  ['extension "hll" has no installation script for version "2.0"', 'EXTENSION_VERSION_MISSING', 'hll'],
  ['could not access file "$libdir/hll": No such file or directory', 'LIBRARY_MISSING', '$libdir/hll'],
  [
    'could not load library "/lib/gis.so": libproj.so.25: cannot open shared object file: No such file or directory',
    'LIBRARY_MISSING',
    '/lib/gis.so',
  ],
  ['could not find function "hll_in" in file "/lib/hll.so"', 'LIBRARY_MISSING', '/lib/hll.so'],
  ['could not open stop-word file "/share/tsearch_data/de.stop": No such file', 'TEXT_SEARCH_MISSING', 'de.stop'],
  ...['dictionary', 'affix', 'synonym', 'thesaurus'].map((kind): [string, string, string] => [
    `could not open ${kind} file "my.file": No such file`,
    'TEXT_SEARCH_MISSING',
    'my.file',
  ]),
  ['time zone "Mars/Olympus" not recognized', 'TIME_ZONE_MISSING', 'Mars/Olympus'],
  ['time zone "right/UTC" appears to use leap seconds', 'TIME_ZONE_MISSING', 'right/UTC'],
  ['invalid value for parameter "TimeZone": "Mars/Olympus"', 'TIME_ZONE_MISSING', 'Mars/Olympus'],
  ['access method "columnar" does not exist', 'ACCESS_METHOD_MISSING', 'columnar'],
  ['invalid value for parameter "default_table_access_method": "columnar"', 'ACCESS_METHOD_MISSING', 'columnar'],
  ['compression method lz4 not supported', 'COMPRESSION_MISSING', 'lz4'],
  ['invalid input syntax for type money: "1.234,56"', 'MONEY_LOCALE_MISSING', 'money'],
  ['must be owner of extension "pg_trgm"', 'EXTENSION_NOT_PERMITTED', 'pg_trgm'],
  ['invalid value for parameter "default_tablespace": "fast"', 'TABLESPACE_MISSING', 'fast'],
  ['invalid locale name: "xx_XX"', 'LOCALE_MISSING', 'xx_XX'],
  ['could not create locale "xx_XX": No such file or directory', 'LOCALE_MISSING', 'xx_XX'],
  ['collation "pg_catalog.xx_XX" for encoding "UTF8" does not exist', 'LOCALE_MISSING', 'xx_XX'],
  ['there is no libc locale of that name', 'LOCALE_MISSING'],
  ['there is no ICU locale of that name', 'LOCALE_MISSING'],
  ['collation "german" for encoding "UTF8" does not exist', 'COLLATION_NOT_FOUND', 'german'],
  ['character in encoding "UTF8" has no equivalent in encoding "LATIN1"', 'ENCODING_MISMATCH', 'LATIN1'],
  ['invalid byte sequence for encoding "UTF8": 0xff', 'ENCODING_MISMATCH', 'UTF8'],
  ['no partition of relation "by_year" found for row', 'PARTITION_MISSING', 'by_year'],
  ['check constraint "t_check" of relation "t" is violated by some row', 'CHECK_VIOLATED', 't_check'],
  ['check constraint "t_check" is violated by some row', 'CHECK_VIOLATED', 't_check'],
  ['duplicate key value violates unique constraint "t_key"', 'UNIQUENESS_VIOLATED', 't_key'],
  ['conflicting key value violates exclusion constraint "t_excl"', 'UNIQUENESS_VIOLATED', 't_excl'],
  ['null value in column "name" of relation "users" violates not-null constraint', 'NOT_NULL_VIOLATED', 'users.name'],
  ['null value in column "name" violates not-null constraint', 'NOT_NULL_VIOLATED', 'name'],
  ['column "name" of relation "users" contains null values', 'NOT_NULL_VIOLATED', 'users.name'],
  ['column "name" contains null values', 'NOT_NULL_VIOLATED', 'name'],
  ['function "f" already exists with same argument types', 'OBJECT_EXISTS', 'f'],
  ['trigger "audit" for relation "users" already exists', 'OBJECT_EXISTS', 'audit'],
  ['operator === already exists', 'OBJECT_EXISTS', '==='],
  ...['type', 'schema', 'role', 'constraint'].map((kind): [string, string, string] => [
    `${kind} "some" already exists`,
    'OBJECT_EXISTS',
    'some',
  ]),
  ['function public.f(integer, text) does not exist', 'FUNCTION_NOT_FOUND', 'public.f(integer, text)'],
  ['function now_utc() does not exist', 'FUNCTION_NOT_FOUND', 'now_utc()'],
  ['operator does not exist: public.hstore -> text', 'OPERATOR_NOT_FOUND', 'public.hstore -> text'],
  ...['configuration', 'dictionary', 'parser', 'template'].map((kind): [string, string, string] => [
    `text search ${kind} "my" does not exist`,
    'TEXT_SEARCH_NOT_FOUND',
    'my',
  ]),
  ['schema "crm" does not exist', 'SCHEMA_NOT_FOUND', 'crm'],
  ['type "hstore" does not exist', 'TYPE_NOT_FOUND', 'hstore'],
  ['syntax error at or near "x"', 'STATEMENT_INVALID'],
  ['unterminated quoted string at or near "x"', 'STATEMENT_INVALID'],
  ['unterminated dollar-quoted string at or near "x"', 'STATEMENT_INVALID'],
  ['invalid message format', 'STATEMENT_INVALID'],
  ['permission denied for table users', 'PERMISSION_DENIED', 'users'],
  ['permission denied for schema "crm"', 'PERMISSION_DENIED', '"crm"'],
  ['permission denied', 'PERMISSION_DENIED'],
  ['must be owner of table users', 'PERMISSION_DENIED', 'users'],
  ['must be member of role "anna"', 'PERMISSION_DENIED', 'anna'],
  ['must be able to SET ROLE "anna"', 'PERMISSION_DENIED', 'anna'],
  ['Only superusers may do this', 'PERMISSION_DENIED'],
  ['only superuser can define a leakproof function', 'PERMISSION_DENIED'],
  ['access to library "hll" is not allowed', 'PERMISSION_DENIED', 'hll'],
];

/** What cannot be held against a backup: the server has not got it. */
const ofServer: Record<string, string> = {
  EXTENSION_MISSING: 'EXTENSION_MISSING',
  EXTENSION_VERSION_MISSING: 'EXTENSION_MISSING',
  LIBRARY_MISSING: 'LIBRARY_MISSING',
  TEXT_SEARCH_MISSING: 'TEXT_SEARCH_MISSING',
  TIME_ZONE_MISSING: 'TIME_ZONE_MISSING',
  ACCESS_METHOD_MISSING: 'ACCESS_METHOD_MISSING',
  FOREIGN_DATA_UNREACHABLE: 'FOREIGN_DATA_UNREACHABLE',
  COMPRESSION_MISSING: 'COMPRESSION_MISSING',
  MONEY_LOCALE_MISSING: 'LOCALE_MISSING',
  LOCALE_MISSING: 'LOCALE_MISSING',
};

test.each(messages)('%s: %s %s', (message, rule, object = 'archive') => {
  const line = `pg_restore: error: could not execute query: ERROR:  ${message}`;
  const remedy = expect.stringMatching(/\w/) as string;
  expect(classifyRestoreErrors(line)).toEqual([
    { rule, object, message: line, remedy, ofServer: ofServer[rule] ?? null },
  ]);
});

test.each([
  ['null value in column "name"', /^The source holds NULLs .*, of which .* set NOT NULL there again/],
  ['operator does not exist: a % b', /empty search_path: .* OPERATOR\(public\.%\)/],
  ['permission denied', /^See what the role that restores may not do.* restoreAs: "superuser"/],
  ['what nobody has seen', /^See what was being restored/],
])('the next step of %s is told in full', (message, remedy) => {
  expect(classifyRestoreErrors(`pg_restore: error: ${message}`)).toMatchObject([
    { ofServer: null, remedy: expect.stringMatching(remedy) as string },
  ]);
});

test('a relation that a value names comes back after the rows', () => {
  const log = `pg_restore: error: COPY failed for table "t": ERROR:  relation "t_key" does not exist
CONTEXT:  COPY t, line 1, column r: "t_key"`;
  expect(classifyRestoreErrors(log)).toMatchObject([
    { rule: 'RELATION_NOT_FOUND', object: 't_key', remedy: expect.stringContaining('type regclass') as string },
  ]);
});

test.each(['input', 'copy'])('a message names what a directory holds, not where its %s lies', (kind) => {
  const file = `/tmp/run/9998e556-a786-42b8-8733-a3bac1fa5824.${kind}/3338.dat`;
  expect(
    classifyRestoreErrors(`pg_restore: error: could not open input file "${file}": No such file or directory`),
  ).toMatchObject([
    {
      rule: 'ARCHIVE_TRUNCATED',
      message: 'pg_restore: error: could not open input file "3338.dat": No such file or directory',
      remedy: expect.stringContaining('a link') as string,
    },
  ]);
});

test.each([
  ['line 7', 'notes', / The row is number 7 .* select ctid from only notes offset 6 limit 1\.$/],
  ['line 7, column body: "x"', 'notes.body', / The row is number 7 /],
  [null, 'notes', /^A text of the source holds bytes that UTF8 does not have: .* dump again\.$/],
])('bytes that are invalid in the encoding of the dump itself are of the source: %s', (where, object, remedy) => {
  const line =
    'pg_restore: error: COPY failed for table "notes": ERROR:  invalid byte sequence for encoding "UTF8": 0xff';
  const log = where === null ? line : `${line}\nCONTEXT:  COPY notes, ${where}`;
  expect(classifyRestoreErrors(log, 'UTF8')).toEqual([
    { rule: 'INVALID_BYTES', object, message: line, remedy: expect.stringMatching(remedy) as string, ofServer: null },
  ]);
  for (const encoding of ['LATIN1', null]) {
    expect(classifyRestoreErrors(log, encoding)).toMatchObject([{ rule: 'ENCODING_MISMATCH' }]);
  }
});

test('bytes that are in no table are not of its rows', () => {
  const line = 'pg_restore: error: could not execute query: ERROR:  invalid byte sequence for encoding "UTF8": 0xff';
  expect(classifyRestoreErrors(line, 'UTF8')).toMatchObject([{ rule: 'ENCODING_MISMATCH' }]);
});

describe('around an error', () => {
  const entry = 'pg_restore: from TOC entry 215; 1259 16389 INDEX by_name app';
  const failed = 'pg_restore: error: something';
  const copied = 'pg_restore: error: COPY failed for table "t": something';
  const context = 'CONTEXT:  SQL function "f" during inlining';
  const classify = (...lines: string[]) => classifyRestoreErrors(lines.join('\n'))[0];

  test('stands what it is about, where it names no object: the table, or what was being restored', () => {
    expect(classify(entry, failed)?.object).toBe('INDEX by_name');
    expect(classify(entry, copied)?.object).toBe('t');
    expect(classify(entry, 'pg_restore: error: permission denied')?.object).toBe('INDEX by_name');
    expect(classify(entry, `${copied} permission denied`)?.object).toBe('t');
  });

  test('stands what was being restored, and in which function it failed', () => {
    expect(classify(entry, failed, context)?.message).toBe(`${failed} (restoring INDEX by_name, in SQL function "f")`);
    expect(classify(entry, failed)?.message).toBe(`${failed} (restoring INDEX by_name)`);
    expect(classify(failed, context)?.message).toBe(`${failed} (in SQL function "f")`);
  });
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
