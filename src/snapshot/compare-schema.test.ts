import { describe, expect, test } from 'vitest';
import { compareSchemas } from './compare-schema.ts';
import type { SchemaEntry } from './snapshot.ts';

const entry = (type: string, object: string, definition: string): Record<string, SchemaEntry> => ({
  [`${type} ${object}`]: { type, object, definition },
});

describe('comparing definitions', () => {
  const table = entry('TABLE', 't', 'CREATE TABLE t (\n    id integer,\n    name text\n);');

  test('says nothing of equal ones, in any order', () => {
    const view = entry('VIEW', 'v', 'CREATE VIEW v;');
    expect(compareSchemas({ ...table, ...view }, { ...view, ...table })).toEqual([]);
  });

  test('says nothing of a comment that came with an extension, unless the source had another', () => {
    const comment = (text: string) => entry('COMMENT', 'EXTENSION hstore', `COMMENT ON EXTENSION hstore IS '${text}';`);
    expect(compareSchemas(table, { ...table, ...comment('its own') })).toEqual([]);
    expect(compareSchemas(comment('ours'), comment('its own'))).toMatchObject([{ rule: 'COMMENT_CHANGED' }]);
    expect(compareSchemas(comment('ours'), {})).toMatchObject([{ rule: 'COMMENT_MISSING' }]);
    expect(compareSchemas({}, entry('COMMENT', 'TABLE t', 'COMMENT …'))).toMatchObject([
      { rule: 'COMMENT_UNEXPECTED' },
    ]);
  });

  test('says nothing of what every new database has, and something of what was made of it', () => {
    const made = '-- *not* creating schema, since initdb creates it';
    const initial = {
      ...entry('SCHEMA', 'public', made),
      ...entry('EXTENSION', 'plpgsql', 'CREATE EXTENSION …'),
      ...entry('COMMENT', 'EXTENSION plpgsql', 'COMMENT …'),
    };
    expect(compareSchemas(initial, {})).toEqual([]);
    expect(compareSchemas({}, initial)).toEqual([]);
    const changed = {
      ...entry('SCHEMA', 'public', `${made}\n\nALTER SCHEMA public OWNER TO anna;`),
      ...entry('COMMENT', 'SCHEMA public', 'COMMENT …'),
      ...entry('EXTENSION', 'plpgsql_check', 'CREATE EXTENSION …'),
      ...entry('SCHEMA', 'sales', made),
    };
    const rules = ['SCHEMA', 'COMMENT', 'EXTENSION', 'SCHEMA'];
    expect(compareSchemas(changed, {}).map(({ rule }) => rule)).toEqual(rules.map((each) => `${each}_MISSING`));
    expect(compareSchemas({}, changed).map(({ rule }) => rule)).toEqual(rules.map((each) => `${each}_UNEXPECTED`));
  });

  test('shows what changed as a unified diff', () => {
    const [difference, ...rest] = compareSchemas(
      table,
      entry('TABLE', 't', 'CREATE TABLE t (\n    id bigint,\n    name text\n);'),
    );
    expect(rest).toEqual([]);
    expect(difference).toMatchObject({ rule: 'TABLE_CHANGED', severity: 'error', object: 't' });
    expect(difference?.diff).toContain('\n-    id integer,\n+    id bigint,\n');
  });

  test.each<[string, string | null, string | null, string, string, RegExp, string]>([
    [
      'MISSING',
      'CREATE VIEW v;',
      null,
      'defined',
      'not defined',
      /leaves out views\.$/,
      '@@ -1,1 +0,0 @@\n-CREATE VIEW v;',
    ],
    ['UNEXPECTED', null, 'CREATE VIEW v;', 'not defined', 'defined', /template1/, '@@ -0,0 +1,1 @@\n+CREATE VIEW v;'],
    [
      'CHANGED',
      'one\ntwo\nthree\nfour\nfive\nsix',
      'one\ntwo\nthree\n4\nfive\nsix',
      'the same definition',
      'another definition',
      /diff/,
      '@@ -2,5 +2,5 @@\n two\n three\n-four\n+4\n five\n six',
    ],
  ])('says all of a view that is %s', (kind, before, after, expected, actual, remedy, diff) => {
    const [source, restored] = [before, after].map((text) => (text === null ? {} : entry('VIEW', 'v', text)));
    expect(compareSchemas(source ?? {}, restored ?? {})).toEqual([
      {
        rule: `VIEW_${kind}`,
        kind: kind.toLowerCase(),
        severity: 'error',
        object: 'v',
        ...(kind === 'CHANGED' && { origin: 'version', entry: 'VIEW v' }),
        expected,
        actual,
        remedy: expect.stringMatching(remedy) as string,
        diff: `--- source\n+++ restored\n${diff}`,
      },
    ]);
  });

  test.each([
    { type: 'FK CONSTRAINT', rule: 'FK_CONSTRAINT_MISSING' },
    { type: 'PUBLICATION TABLES IN SCHEMA', rule: 'PUBLICATION_TABLES_IN_SCHEMA_MISSING' },
    { type: 'DEFAULT ACL', rule: 'DEFAULT_ACL_MISSING' },
  ])('names a missing $type $rule', ({ type, rule }) => {
    expect(compareSchemas(entry(type, 'x', 'a'), {})).toMatchObject([{ rule, object: 'x', actual: 'not defined' }]);
  });

  test('says who can bring rights back that are missing', () => {
    const [missing] = compareSchemas(entry('ACL', 'FUNCTION f()', 'REVOKE …'), {});
    expect(missing?.remedy).toMatch(/script.*belongs to a superuser.*restoreAs: 'superuser'/s);
  });

  test('names what is too many', () => {
    expect(compareSchemas({}, table)).toMatchObject([{ rule: 'TABLE_UNEXPECTED', expected: 'not defined' }]);
  });

  test('knows an object by its type as well', () => {
    const rules = compareSchemas(entry('TABLE', 'x', 'a'), entry('VIEW', 'x', 'a')).map(({ rule }) => rule);
    expect(rules).toEqual(['TABLE_MISSING', 'VIEW_UNEXPECTED']);
  });

  test.each(['USER MAPPING', 'SERVER', 'SUBSCRIPTION', 'FOREIGN TABLE', 'FOREIGN DATA WRAPPER'])(
    'shows nothing of a %s, which can hold a password',
    (type) => {
      const [before, after] = [entry(type, 'x', "password 'hunter1'"), entry(type, 'x', "password 'hunter2'")];
      for (const differences of [
        compareSchemas(before, after),
        compareSchemas(before, {}),
        compareSchemas({}, after),
      ]) {
        expect(differences).toHaveLength(1);
        expect(JSON.stringify(differences)).not.toContain('hunter');
      }
    },
  );
});
