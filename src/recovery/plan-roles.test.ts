import { expect, test } from 'vitest';
import { createRoleStatement, needsPassword, planRoles, rightsOfServer } from './plan-roles.ts';

const globals = `
CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5 VALID UNTIL '2030-01-01 00:00:00+00';
CREATE ROLE "it's ""me""";
ALTER ROLE "it's ""me""" WITH SUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN REPLICATION NOBYPASSRLS;
CREATE ROLE known;
ALTER ROLE known WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$a2V5:c2VydmVy';
CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER LOGIN;
ALTER ROLE app SET search_path TO 'a', 'b';
ALTER ROLE postgres SET work_mem TO '1GB';
ALTER ROLE app IN DATABASE shop SET work_mem TO '8MB';
COMMENT ON ROLE app IS 'it''s the app';
GRANT known TO app WITH INHERIT TRUE GRANTED BY postgres;
GRANT app TO postgres WITH ADMIN OPTION GRANTED BY postgres;
`;

test('roles that are there are not touched, and the others get what the globals say of them', () => {
  const { made, kept, memberships } = planRoles(globals, 'app', new Set(['postgres']));
  expect(made.map(({ name }) => name)).toEqual(['app', 'it\'s "me"', 'known']);
  expect(kept).toEqual(['postgres']);
  expect(made[0]?.statements.map(({ kind }) => kind)).toEqual(['setting', 'comment']);
  expect(memberships.map(({ text }) => text)).toEqual(['GRANT known TO app WITH INHERIT TRUE GRANTED BY postgres;']);
  expect(made.map(needsPassword)).toEqual([true, false, false]);
  expect(made.map(rightsOfServer)).toEqual([[], ['SUPERUSER', 'REPLICATION'], []]);
});

test('a role is made in one statement, of which who is no superuser leaves out what a new role has not got', () => {
  const { made } = planRoles(globals, 'app', new Set(['postgres']));
  expect(made.map((role) => createRoleStatement(role, false))).toEqual([
    `create role "app" INHERIT NOCREATEROLE NOCREATEDB LOGIN CONNECTION LIMIT 5 VALID UNTIL '2030-01-01 00:00:00+00'`,
    `create role "it's ""me""" SUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN REPLICATION`,
    `create role "known" LOGIN PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$a2V5:c2VydmVy'`,
  ]);
  expect(createRoleStatement(made[0] ?? expect.fail('none'), true)).toContain('NOSUPERUSER');
});

test('without globals, the owner alone is made, and may log in', () => {
  const { made, kept } = planRoles(null, 'shop', new Set());
  expect(made.map((role) => createRoleStatement(role, true))).toEqual(['create role "shop" LOGIN']);
  expect(kept).toEqual([]);
  expect(planRoles(null, 'shop', new Set(['shop']))).toMatchObject({ made: [], kept: ['shop'] });
});
