import { expect, test } from 'vitest';
import { globalsForLent } from './lent-globals.ts';

const globals = `--
SET standard_conforming_strings = on;
CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS;
ALTER ROLE postgres SET work_mem TO '1GB';
CREATE ROLE "a ""b";
ALTER ROLE "a ""b" WITH SUPERUSER NOINHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 3 VALID UNTIL '2030-01-01';
ALTER ROLE "a ""b" SET session_preload_libraries TO 'evil';
COMMENT ON ROLE "a ""b" IS 'kept';
CREATE ROLE c;
ALTER ROLE c WITH NOSUPERUSER INHERIT NOLOGIN;
ALTER ROLE victim WITH SUPERUSER LOGIN;
GRANT c TO "a ""b" WITH ADMIN OPTION GRANTED BY postgres;
GRANT postgres TO c GRANTED BY postgres;
GRANT pg_execute_server_program TO c GRANTED BY postgres;
GRANT c TO victim GRANTED BY postgres;`;

test('of a server that was lent, roles that are there are left alone, and nobody gets rights over it', () => {
  const { roles, leftOut, text } = globalsForLent(globals, new Set(['postgres', 'victim']), { isSuperuser: false });
  expect({ roles, leftOut }).toEqual({ roles: ['a "b', 'c'], leftOut: ['postgres'] });
  expect(text.split('\n').filter((line) => line !== '')).toEqual([
    '--',
    'SET standard_conforming_strings = on;',
    `ALTER ROLE "a ""b" WITH NOINHERIT LOGIN CONNECTION LIMIT 3 VALID UNTIL '2030-01-01';`,
    `COMMENT ON ROLE "a ""b" IS 'kept';`,
    'ALTER ROLE c WITH INHERIT NOLOGIN;',
    'GRANT c TO "a ""b" WITH ADMIN OPTION;',
  ]);
});

test('only a superuser makes settings of roles', () => {
  const { text } = globalsForLent(globals, new Set(), { isSuperuser: true });
  expect(text).toContain(`ALTER ROLE postgres SET work_mem TO '1GB';`);
});
