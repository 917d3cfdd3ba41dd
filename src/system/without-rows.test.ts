import { describe, expect, test } from 'vitest';
import { withoutRows } from './without-rows.ts';

describe("what PostgreSQL's tools print is left without rows", () => {
  test.for([
    [
      'pg_restore, a value of the wrong type',
      `pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 3353; 0 16387 TABLE DATA t me
pg_restore: error: COPY failed for table "t": ERROR:  invalid input syntax for type integer: "secret"
CONTEXT:  COPY t, line 1, column n: "secret"
pg_restore: warning: errors ignored on restore: 1
`,
      `pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 3353; 0 16387 TABLE DATA t me
pg_restore: error: COPY failed for table "t": ERROR:  invalid input syntax for type integer: "…"
pg_restore: warning: errors ignored on restore: 1
`,
    ],
    [
      'pg_restore, a unique index that cannot be made',
      `pg_restore: from TOC entry 3202; 2606 16391 CONSTRAINT t t_s_key me
pg_restore: error: could not execute query: ERROR:  could not create unique index "t_s_key"
DETAIL:  Key (s)=(secret) is duplicated.
Command was: ALTER TABLE ONLY public.t
    ADD CONSTRAINT t_s_key UNIQUE (s);


pg_restore: warning: errors ignored on restore: 1`,
      `pg_restore: from TOC entry 3202; 2606 16391 CONSTRAINT t t_s_key me
pg_restore: error: could not execute query: ERROR:  could not create unique index "t_s_key"
pg_restore: warning: errors ignored on restore: 1`,
    ],
    [
      'pg_restore, a statement whose lines look like messages',
      `pg_restore: error: could not execute query: ERROR:  role "reporting" does not exist
Command was: CREATE FUNCTION public.f() RETURNS text AS $$ select '
secret: one
ERROR:  secret two
CONTEXT: secret three
' $$;

/usr/lib/postgresql/17/bin/pg_restore: error: could not execute query: ERROR:  schema "app" does not exist`,
      `pg_restore: error: could not execute query: ERROR:  role "reporting" does not exist
/usr/lib/postgresql/17/bin/pg_restore: error: could not execute query: ERROR:  schema "app" does not exist`,
    ],
    [
      'psql, a row of several lines that breaks a constraint',
      `psql:<stdin>:3: ERROR:  new row for relation "t" violates check constraint "t_n_check"
DETAIL:  Failing row contains (-1, secret
foo: secret
ERROR:  secret).
CONTEXT:  COPY t, line 1: "-1	secret\\nfoo: secret"
psql:<stdin>:9: ERROR:  null value in column "s" of relation "t" violates not-null constraint
DETAIL:  Failing row contains (secret, null).`,
      `psql:<stdin>:3: ERROR:  new row for relation "t" violates check constraint "t_n_check"
psql:<stdin>:9: ERROR:  null value in column "s" of relation "t" violates not-null constraint`,
    ],
    [
      'psql, a statement and its hint',
      `psql:<stdin>:2: ERROR:  invalid input syntax for type integer: "sec"ret
foo: secret"
LINE 1: insert into t values ('sec"ret
                              ^
HINT:  No function matches the given name and argument types.
QUERY:  select secret
CONTEXT:  PL/pgSQL function f(integer) line 2 at RETURN`,
      `psql:<stdin>:2: ERROR:  invalid input syntax for type integer: "…"
HINT:  No function matches the given name and argument types.`,
    ],
    [
      'pg_dump, what it asked for and what it may not read',
      `pg_dump: error: query failed: ERROR:  permission denied for table t
pg_dump: detail: Query was: LOCK TABLE public.t,
 public.secret IN ACCESS SHARE MODE`,
      'pg_dump: error: query failed: ERROR:  permission denied for table t',
    ],
    [
      'pg_dump, a server that fails in the middle',
      `pg_dump: error: Dumping the contents of table "t" failed: PQgetResult() failed.
pg_dump: detail: Error message from server: ERROR:  invalid page in block 0 of relation base/5/16384
pg_dump: detail: Command was: COPY public.t (n, s) TO stdout;`,
      `pg_dump: error: Dumping the contents of table "t" failed: PQgetResult() failed.
pg_dump: detail: Error message from server: ERROR:  invalid page in block 0 of relation base/5/16384`,
    ],
    [
      'pg_dump, an older server',
      `pg_dump: error: Error message from server: ERROR:  canceling statement due to user request
pg_dump: error: The command was: COPY public.t TO stdout;`,
      'pg_dump: error: Error message from server: ERROR:  canceling statement due to user request',
    ],
  ] as const)('%s', ([, text, expected]) => {
    expect(withoutRows(text)).toBe(expected);
  });

  test.for([
    ['value "secret" is out of range for type integer', 'value "…" is out of range for type integer'],
    ['"secret" is out of range for type double precision', '"…" is out of range for type double precision'],
    ['invalid input value for enum mood: "secret"', 'invalid input value for enum mood: "…"'],
    ['invalid input value for enum "Mood": "secret"', 'invalid input value for enum "Mood": "…"'],
    ['date/time field value out of range: "secret"', 'date/time field value out of range: "…"'],
    ['date field value out of range: secret', 'date field value out of range: …'],
    ['time zone "secret" not recognized', 'time zone "…" not recognized'],
    ['malformed array literal: "{secret"', 'malformed array literal: "…"'],
    ['malformed array literal: "{""secret"","', 'malformed array literal: "…"'],
    ['invalid input syntax for type json: "table "secret""', 'invalid input syntax for type json: "…"'],
    ['syntax error in tsquery: "a secret"', 'syntax error in tsquery: "…"'],
    ['syntax error at or near "secret"', 'syntax error at or near "…"'],
    ['unterminated quoted string at or near "\'secret\n\nmore secret"', 'unterminated quoted string at or near "…"'],
    ['invalid hexadecimal digit: "secret"', 'invalid hexadecimal digit: "…"'],
    ['invalid byte sequence for encoding "UTF8": 0xd0 0xff', 'invalid byte sequence for encoding "UTF8": …'],
    [
      'character with byte sequence 0xd0 0x96 in encoding "UTF8" has no equivalent in encoding "LATIN1"',
      'character with byte sequence … in encoding "UTF8" has no equivalent in encoding "LATIN1"',
    ],
  ] as const)('the value goes from: %s', ([message, expected]) => {
    expect(withoutRows(`psql:<stdin>:1: ERROR:  ${message}`)).toBe(`psql:<stdin>:1: ERROR:  ${expected}`);
  });

  test.for([
    'pg_restore: error: input file appears to be a text format dump. Please use psql.',
    'pg_restore: error: could not read from input file: end of file',
    'pg_restore: error: unsupported version (1.16) in file header',
    'pg_restore: error: could not open input file "x.dump": No such file or directory',
    'pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 17.5; pg_dump version: 15.18',
    'psql: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "me"',
    'psql: error: connection to server on socket "/run/x/.s.PGSQL.5432" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?',
    'psql:<stdin>:1: ERROR:  duplicate key value violates unique constraint "notes_pkey"',
    'psql:<stdin>:1: ERROR:  insert or update on table "a" violates foreign key constraint "a_b_fkey"',
    'psql:<stdin>:1: ERROR:  column "x" of relation "t" does not exist',
    'psql:<stdin>:1: ERROR:  value for domain posint violates check constraint "posint_check"',
    'psql:<stdin>:1: ERROR:  missing data for column "s"',
    'psql:<stdin>:1: error: invalid command \\N',
    'psql:<stdin>:1: ERROR:  unrecognized configuration parameter "transaction_timeout"',
    'psql:<stdin>:1: ERROR:  extension "postgis" is not available\nHINT:  The extension must first be installed on the system where PostgreSQL is running.',
    'psql:<stdin>:1: ERROR:  could not extend file "base/5/16384": No space left on device\nHINT:  Check free disk space.',
    'psql:<stdin>:1: ERROR:  collation "de_DE" for encoding "UTF8" does not exist',
    'psql:<stdin>:1: ERROR:  invalid locale name: "de_DE"',
    'psql:<stdin>:1: ERROR:  could not create locale "de_DE": No such file or directory',
    'psql:<stdin>:1: NOTICE:  table "x" does not exist, skipping',
    'server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.',
    'sh: 1: psql: not found',
    '',
  ])('nothing goes from: %s', (text) => {
    expect(withoutRows(text)).toBe(text);
  });
});
