import { describe, expect, test } from 'vitest';
import type { DumpedDefinition } from '../../postgres/plain-dump-definitions.ts';
import { normaliseSchema } from '../../snapshot/normalise-schema.ts';
import { schemaEntries } from '../../snapshot/schema-entries.ts';
import { compareDefinitions, type DefinitionsContext } from './compare-definitions.ts';

const entry = (type: string, object: string, text: string): DumpedDefinition => ({ type, object, text });
const owned = 'CREATE TABLE public.t (\n    id integer\n);\n\nALTER TABLE public.t OWNER TO anna;';
const table = entry('TABLE', 't', 'CREATE TABLE public.t (\n    id integer\n);');
const context: DefinitionsContext = {
  ownership: 'preserve',
  serverVersion: '15.4',
  dumpVersion: '15.9',
  restoredTo: '15.18',
};

function compare(dumped: DumpedDefinition[], restored: DumpedDefinition[], changes: Partial<DefinitionsContext> = {}) {
  return compareDefinitions(dumped, schemaEntries(restored), { ...context, ...changes }).map(
    ({ rule, object, severity, checks }) => `${rule} ${object} ${severity} ${checks.join()}`,
  );
}

test.each([
  [{}, 'error'],
  [{ serverVersion: null, dumpVersion: null }, 'error'],
  [{ serverVersion: '14.2' }, 'warning'],
  [{ dumpVersion: '16.0' }, 'warning'],
  [{ restoredTo: '17.1' }, 'warning'],
])('another definition is told, with versions %j as an %s', (versions, severity) => {
  const wider = entry('TABLE', 't', 'CREATE TABLE public.t (\n    id bigint\n);');
  expect(compare([table], [wider], versions)).toEqual([`TABLE_CHANGED t ${severity} definitions`]);
  expect(compare([table], [], versions)).toEqual(['TABLE_MISSING t error definitions']);
  expect(compare([], [table], versions)).toEqual(['TABLE_UNEXPECTED t error definitions']);
});

describe('no difference is', () => {
  test.each([
    ['rows', 'TABLE DATA', 't'],
    ['a position', 'SEQUENCE SET', 'ids'],
    ['a refresh', 'MATERIALIZED VIEW DATA', 'v'],
    ['statistics', 'STATISTICS DATA', 't'],
    ['a large object', 'BLOB', '1'],
    ['the list of large objects', 'BLOB METADATA', '1..3'],
    ['the database', 'DATABASE', 'shop'],
    ['settings of the database', 'DATABASE PROPERTIES', 'shop'],
    ['a comment on the database', 'COMMENT', 'DATABASE shop'],
    ['rights on a large object', 'ACL', 'LARGE OBJECT 1'],
    ['rights on several', 'ACL', 'LARGE OBJECTS 1..3'],
    ['the schema public', 'SCHEMA', 'public'],
    ['a comment on it', 'COMMENT', 'SCHEMA public'],
    ['rights on it', 'ACL', 'SCHEMA public'],
    ['the extension plpgsql', 'EXTENSION', 'plpgsql'],
    ['a comment on that', 'COMMENT', 'EXTENSION plpgsql'],
    ['the language plpgsql', 'PROCEDURAL LANGUAGE', 'plpgsql'],
  ])('%s in the dump', (_, type, object) => {
    expect(compare([table, entry(type, object, 'something')], [table])).toEqual([]);
  });

  test('what every database starts with, in the restored one', () => {
    expect(compare([], [entry('SCHEMA', 'public', 'x'), entry('ACL', 'SCHEMA public', 'x')])).toEqual([]);
  });

  test.each(['ACL', 'DEFAULT ACL'])('%s where rights are not restored', (type) => {
    expect(compare([entry(type, 'TABLE t', 'GRANT')], [], { ownership: 'runbook' })).toEqual([]);
    expect(compare([entry(type, 'TABLE t', 'GRANT')], [])).toHaveLength(1);
  });

  test('data of an object whose name reads like a comment of pg_dump', () => {
    const name = 'x; Type: TABLE; Schema: public; Owner: -';
    const both = "SELECT pg_catalog.setval('x', 3, true);\n\n\nSET default_tablespace = '';\n\nSET default_x = y;";
    for (const text of ['', "SELECT pg_catalog.setval('x', 3, true);\n", "\nSET default_tablespace = '';\n", both]) {
      expect(compare([entry('TABLE', name, text)], [])).toEqual([]);
    }
    expect(compare([entry('TABLE', name, 'CREATE TABLE x ();')], [])).toHaveLength(1);
    expect(compare([entry('TABLE', 'plain', '')], [])).toHaveLength(1);
  });
});

test.each([
  ['SCHEMA', 'public2'],
  ['SCHEMA', 'my public'],
  ['EXTENSION', 'plpgsql_check'],
  ['VIEW', 'DATABASE'],
  ['TABLE', 'TABLE DATA'],
  ['COMMENT', 'TABLE t'],
  ['COMMENT', 'TABLE my DATABASE x'],
  ['COMMENT', 'TABLE the SCHEMA public'],
])('%s %s is one that has to come back', (type, object) => {
  expect(compare([entry(type, object, 'something')], [])).toHaveLength(1);
});

describe('owners', () => {
  const theirs = (owner: string) => entry('TABLE', 't', owned.replace('anna', owner));

  test('are compared where the dump has them', () => {
    expect(compare([theirs('anna')], [theirs('anna')])).toEqual([]);
    expect(compare([theirs('anna')], [theirs('bert')])).toHaveLength(1);
    expect(compare([theirs('anna'), { ...table, object: 'u' }], [theirs('anna')])).toHaveLength(1);
  });

  test.each(['bert', '"bert the ""great"""'])('are not where it has none: %s', (owner) => {
    expect(compare([table], [theirs(owner)])).toEqual([]);
    const named = theirs(owner).text.replaceAll('public.t', 'public."a;\nb"');
    expect(
      compare([{ ...table, text: table.text.replace('public.t', 'public."a;\nb"') }], [{ ...table, text: named }]),
    ).toEqual([]);
  });

  test('are not where sessions of the owners make everything but the schema public', () => {
    const schema = entry('SCHEMA', 'public', '-- *not* creating schema\n\nALTER SCHEMA public OWNER TO anna;');
    expect(compare([schema, table], [theirs('bert')])).toEqual([]);
  });

  test('are not where they are not restored', () => {
    expect(compare([theirs('anna')], [table], { ownership: 'runbook' })).toEqual([]);
    const session = { ...table, text: `SET SESSION AUTHORIZATION 'anna';\n\n${table.text}` };
    expect(compare([session], [table], { ownership: 'runbook' })).toEqual([]);
  });

  test('are no reason to pass over options of a foreign server, where they are not restored', () => {
    const far = (host: string) => entry('SERVER', 'far', `CREATE SERVER far OPTIONS (\n    host '${host}'\n);`);
    const restored = normaliseSchema(schemaEntries([far('there')]));
    expect(compareDefinitions([far('here')], restored, { ...context, ownership: 'runbook' })).toHaveLength(1);
    expect(compareDefinitions([far('there')], restored, { ...context, ownership: 'runbook' })).toEqual([]);
  });

  test.each(['SERVER', 'FOREIGN DATA WRAPPER', 'FOREIGN TABLE'])(
    'are within the hash of a %s, which says nothing where the dump has none',
    (type) => {
      const far = (owner: string) =>
        entry(type, 'far', `CREATE ${type} far OPTIONS (\n    host 'x'\n);\n\nALTER ${type} far OWNER TO ${owner};`);
      const unowned = { ...far(''), text: `CREATE ${type} far OPTIONS (\n    host 'x'\n);` };
      const hashed = compareDefinitions([unowned], normaliseSchema(schemaEntries([far('anna')])), context);
      expect(hashed).toEqual([]);
      expect(compare([unowned, theirs('anna')], [far('anna'), theirs('anna')])).toHaveLength(1);
    },
  );
});
