import { expect, test } from 'vitest';
import { explainDumpError } from './dump-errors.ts';

const explain = (stderr: string) =>
  explainDumpError({ stderr }, { failed: 'It failed', secrets: ['s3cret'], role: 'app', otherwise: 'DUMP_FAILED' });

test.for([
  ['query failed: ERROR:  canceling statement due to statement timeout', 'SOURCE_TIMED_OUT'],
  ['query failed: ERROR:  canceling statement due to lock timeout', 'SOURCE_LOCKED'],
  [
    'query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: LOCK TABLE t',
    'SOURCE_LOCKED',
  ],
  ['query failed: ERROR:  out of shared memory\nHINT:  You might need to increase m.', 'LOCKS_EXHAUSTED'],
  ['query failed: ERROR:  permission denied for table secrets', 'SOURCE_NOT_READABLE'],
  ['query failed: ERROR:  query would be affected by row-level security policy for table "r"', 'ROW_SECURITY'],
  ['query failed: ERROR:  canceling statement due to conflict with recovery', 'SOURCE_NOT_READABLE'],
  ['query failed: ERROR:  could not write to file "base/pgsql_tmp/1": No space left on device', 'SOURCE_NOT_READABLE'],
  ['could not write to output file: No space left on device', 'DISK_FULL'],
  ['connection to server on socket "/s" failed: FATAL:  too many connections for role "shop"', 'LOGIN_REFUSED'],
  ['connection to server at "127.0.0.1", port 5432 failed: Connection refused', 'CONNECTION_LOST'],
  ['query failed: ERROR:  invalid snapshot identifier: "00000003-0000001B-1"', 'CONNECTION_LOST'],
  ['query failed: SSL SYSCALL error: EOF detected', 'CONNECTION_LOST'],
  ['aborting because of server version mismatch', 'TOOL_TOO_OLD'],
  ['invalid value "zstd:3" for option -Z/--compress', 'PROFILE_INVALID'],
  ['invalid compression specification: unrecognized compression option: "x"', 'PROFILE_INVALID'],
  ['something else', 'DUMP_FAILED'],
] as const)('pg_dump’s "%s" is %s, with the next step', ([line, code]) => {
  const error = explain(`pg_dump: last built-in OID is 16383\npg_dump: error: ${line}\npg_dump: detail: more\n`);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^It failed: (?!query failed|pg_dump).*\. \S.*\.$/);
});

test('a connection that breaks in a table is known by the detail alone', () => {
  const error = explain(
    'pg_dump: error: Dumping the contents of table "big" failed: PQgetCopyData() failed.\n' +
      'pg_dump: detail: Error message from server: server closed the connection unexpectedly\n',
  );
  expect(error).toMatchObject({ code: 'CONNECTION_LOST' });
  expect(error.message).toContain(
    'Dumping the contents of table "big" failed: PQgetCopyData() failed: server closed the connection unexpectedly. The connection',
  );
});

test.for([
  ['missing chunk number 0 for toast value 16394 in pg_toast_16386', 'SOURCE_CORRUPT', /corruption.*pg_amcheck/],
  ['invalid page in block 7 of relation base/5/16384', 'SOURCE_CORRUPT', /corruption.*pg_amcheck/],
  ['invalid memory alloc request size 18446744073709551613', 'SOURCE_CORRUPT', /corruption.*pg_amcheck/],
  ['could not open file "base/5/16384": No such file or directory', 'SOURCE_CORRUPT', /corruption.*pg_amcheck/],
  ['invalid memory alloc request size 1200000003', 'VALUE_TOO_LARGE', /too large.*1 GB/],
  ['string buffer exceeds maximum allowed length (1073741823 bytes)', 'VALUE_TOO_LARGE', /too large.*1 GB/],
  [
    'out of memory\nDETAIL:  Cannot enlarge string buffer containing 5 bytes by 9 more bytes.',
    'VALUE_TOO_LARGE',
    /too large/,
  ],
] as const)('rows that cannot be read are named with their table: %s', ([said, code, next]) => {
  const error = explain(
    'pg_dump: error: Dumping the contents of table "files" failed: PQgetResult() failed.\n' +
      `pg_dump: detail: Error message from server: ERROR:  ${said}\n` +
      'pg_dump: detail: Command was: COPY crm.files (id, body) TO stdout;\n',
  );
  expect(error).toMatchObject({ code, table: 'crm.files' });
  expect(error.message).toMatch(next);
  expect(error.message).toContain('the table crm.files');
  expect(error.message).toContain(said.split('\n', 1)[0]);
});

test('what it says of rows and secrets is not shown, and silence is said', () => {
  expect(explain('pg_dump: error: invalid input "canary" of s3cret\nDETAIL:  canary').message).not.toMatch(
    /canary|s3cret/,
  );
  expect(explain('').message).toBe(
    'It failed: it printed nothing. Run pg_dump by hand with the same database and role, and mend what it says.',
  );
});
