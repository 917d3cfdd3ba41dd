import { describe, expect, test } from 'vitest';
import { splitSchema } from './schema-entries.ts';

const opening =
  '--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped by pg_dump version 17.5\n\nSET statement_timeout = 0;\n\n';
const closing = '\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n';

function entry(type: string, name: string, definition: string, schema = 'public'): string {
  return `--\n-- Name: ${name}; Type: ${type}; Schema: ${schema}; Owner: -\n--\n\n${definition}\n\n\n`;
}

function definitions(...entries: string[]): Record<string, string> {
  const split = splitSchema(`${opening}${entries.join('')}${closing}`);
  return Object.fromEntries(Object.entries(split).map(([key, { definition }]) => [key, definition]));
}

describe('splitting a dump of definitions', () => {
  test('names an entry by its type, schema and name', () => {
    const dump = entry('TABLE', 'users', 'CREATE TABLE public.users ();') + entry('INDEX', 'i', 'CREATE INDEX i;', 'a');
    expect(splitSchema(opening + dump + closing)).toEqual({
      'TABLE users': { type: 'TABLE', object: 'users', definition: 'CREATE TABLE public.users ();' },
      'INDEX a.i': { type: 'INDEX', object: 'a.i', definition: 'CREATE INDEX i;' },
    });
  });

  test('leaves out the words around it, whatever the tool, its version and its key', () => {
    const plain = entry('TABLE', 't', 'CREATE TABLE t ();') + '--\n-- PostgreSQL database dump complete\n--\n';
    expect(splitSchema(plain)).toEqual(splitSchema(opening + entry('TABLE', 't', 'CREATE TABLE t ();') + closing));
  });

  test.each([
    {
      what: 'a comment as pg_dump writes it',
      body: '\n--\n-- Name: x; Type: TABLE; Schema: public; Owner: -\n--\nend',
    },
    { what: 'half such a comment', body: '\n--\n-- Name: x\n--\n' },
    { what: 'the closing words', body: '\n--\n-- PostgreSQL database dump complete\n--\n' },
    { what: 'a setting', body: '\nSET default_tablespace = x;\n' },
    { what: 'a line of another tool', body: '\n-- Dumped from nowhere\n\\restrict x\n' },
  ])('keeps a body whole that holds $what', ({ body }) => {
    const definition = `CREATE FUNCTION f() AS $_$${body}$_$;`;
    expect(definitions(entry('FUNCTION', 'f()', definition), entry('TABLE', 't', 'CREATE TABLE t ();'))).toEqual({
      'FUNCTION f()': definition,
      'TABLE t': 'CREATE TABLE t ();',
    });
  });

  test.each(["it's", '"', '$$', '$x$', "E'\\", 'a; Type: VIEW; Schema: x; Owner: y', '-- x', '/*'])(
    'reads the name %j',
    (name) => {
      expect(
        definitions(entry('TABLE', name, 'CREATE TABLE t ();'), entry('TABLE', 'next', 'CREATE TABLE next ();')),
      ).toEqual({
        [`TABLE ${name}`]: 'CREATE TABLE t ();',
        'TABLE next': 'CREATE TABLE next ();',
      });
    },
  );

  test('keeps blank lines', () => {
    const definition = "COMMENT ON TABLE t IS 'a\n\n\nb';";
    expect(definitions(entry('COMMENT', 'TABLE t', definition))).toEqual({ 'COMMENT TABLE t': definition });
  });

  test('gives a tablespace and an access method to what they are set for, and to nothing before it', () => {
    const dump = [
      entry(
        'TABLE',
        'a',
        'CREATE TABLE a ();\n\n\nSET default_tablespace = fast;\n\nSET default_table_access_method = columnar;',
      ),
      entry('TABLE', 'b', 'CREATE TABLE b ();'),
      entry('VIEW', 'v', 'CREATE VIEW v;'),
      entry('TABLE', 'p', "CREATE TABLE p (\n)\nPARTITION BY HASH (id);\n\n\nSET default_tablespace = '';"),
      entry('INDEX', 'i', 'CREATE INDEX i;'),
    ];
    expect(definitions(...dump)).toEqual({
      'TABLE a': 'CREATE TABLE a ();',
      'TABLE b': 'SET default_tablespace = fast;\nSET default_table_access_method = columnar;\nCREATE TABLE b ();',
      'VIEW v': 'CREATE VIEW v;',
      'TABLE p': 'SET default_tablespace = fast;\nCREATE TABLE p (\n)\nPARTITION BY HASH (id);',
      'INDEX i': 'CREATE INDEX i;',
    });
  });

  test('joins what pg_dump gives the same name', () => {
    expect(definitions(entry('ACL', 'TABLE t', 'GRANT a;'), entry('ACL', 'TABLE t', 'GRANT b;'))).toEqual({
      'ACL TABLE t': 'GRANT a;\nGRANT b;',
    });
  });
});
