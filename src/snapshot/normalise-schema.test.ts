import { describe, expect, test } from 'vitest';
import { normaliseSchema } from './normalise-schema.ts';

interface Pair {
  name: string;
  type?: string;
  source: string;
  restored: string;
}

const harmless: Pair[] = [
  {
    name: 'a list of varchar',
    source: "CHECK (((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
    restored: "CHECK (((state)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
  },
  {
    name: 'a list with commas, quotes, brackets and backslashes',
    source:
      "x <> ALL ((ARRAY['a, b'::character varying(9), 'it''s ]'::character varying, E'\\\\'::character varying])::text[])",
    restored:
      "x <> ALL (ARRAY[('a, b'::character varying(9))::text, ('it''s ]'::character varying)::text, (E'\\\\'::character varying)::text])",
  },
  {
    name: 'a list with NULL and a call',
    source: '(ARRAY[NULL::character varying, concat(a, ARRAY[1])])::text[]',
    restored: 'ARRAY[(NULL::character varying)::text, (concat(a, ARRAY[1]))::text]',
  },
  {
    name: 'two lists',
    source: "(ARRAY['a'::character varying])::text[] OR (ARRAY['b'::character varying])::text[]",
    restored: "ARRAY[('a'::character varying)::text] OR ARRAY[('b'::character varying)::text]",
  },
  {
    name: 'a list of columns',
    source: '(((a = b) OR (a = c)) OR (a = d))',
    restored: '((a = b) OR (a = c) OR (a = d))',
  },
  {
    name: 'a longer list of columns',
    source: '((((a = b) OR (a = c)) OR (a = d)) OR (a = e))',
    restored: '((a = b) OR (a = c) OR (a = d) OR (a = e))',
  },
  {
    name: 'the order of columns of an inheritance child',
    type: 'TABLE',
    source:
      "CREATE TABLE public.c (\n    b integer,\n    a text DEFAULT 'x\n,y'::text,\n    CONSTRAINT k CHECK ((a > b))\n)\nINHERITS (public.p);",
    restored:
      "CREATE TABLE public.c (\n    a text DEFAULT 'x\n,y'::text,\n    b integer,\n    CONSTRAINT k CHECK ((a > b))\n)\nINHERITS (public.p);",
  },
];

const harmful: Pair[] = [
  {
    name: 'another value',
    source: "(ARRAY['a'::character varying])::text[]",
    restored: "ARRAY[('b'::character varying)::text]",
  },
  {
    name: 'a value less',
    source: "(ARRAY['a'::character varying, 'b'::character varying])::text[]",
    restored: "ARRAY[('a'::character varying)::text]",
  },
  {
    name: 'the order of values',
    source: "(ARRAY['a'::character varying, 'b'::character varying])::text[]",
    restored: "ARRAY[('b'::character varying)::text, ('a'::character varying)::text]",
  },
  {
    name: 'another type',
    source: "(ARRAY['a'::character varying])::text[]",
    restored: "ARRAY[('a'::character varying)::name]",
  },
  {
    name: 'one value with a comma',
    source: "(ARRAY['a'::text, 'b'::text])::text[]",
    restored: "ARRAY[('a'', ''b'::text)::text]",
  },
  {
    name: 'the same within a string',
    source: "DEFAULT '(ARRAY[1])::text[]'::text",
    restored: "DEFAULT 'ARRAY[(1)::text]'::text",
  },
  {
    name: 'the same within a body',
    source: 'AS $_$ select ((a or b) or c), (ARRAY[1])::text[] $_$',
    restored: 'AS $_$ select (a or b or c), ARRAY[(1)::text] $_$',
  },
  { name: 'OR within a string', source: "'((a OR b) OR c)'", restored: "'(a OR b OR c)'" },
  { name: 'AND over OR', source: '((a OR b) AND c)', restored: '(a OR b AND c)' },
  { name: 'OR over AND', source: '((a AND b) OR c)', restored: '(a AND b OR c)' },
  { name: 'AND that moved', source: '(((a OR b) AND c) OR d)', restored: '((a OR (b AND c)) OR d)' },
  { name: 'another operand', source: '((a OR b) OR c)', restored: '(a OR b OR d)' },
  { name: 'a blank line', source: "DEFAULT 'a\n\nb'", restored: "DEFAULT 'a\nb'" },
  {
    name: 'the order of columns of a table alone',
    type: 'TABLE',
    source: 'CREATE TABLE public.c (\n    b integer,\n    a text\n);',
    restored: 'CREATE TABLE public.c (\n    a text,\n    b integer\n);',
  },
  {
    name: 'a column less in an inheritance child',
    type: 'TABLE',
    source: 'CREATE TABLE public.c (\n    b integer,\n    a text\n)\nINHERITS (public.p);',
    restored: 'CREATE TABLE public.c (\n    a text\n)\nINHERITS (public.p);',
  },
  {
    name: 'another name of a column in an inheritance child',
    type: 'TABLE',
    source: 'CREATE TABLE public.c (\n    b integer,\n    a text\n)\nINHERITS (public.p);',
    restored: 'CREATE TABLE public.c (\n    b integer,\n    c text\n)\nINHERITS (public.p);',
  },
  {
    name: 'another type of a column in an inheritance child',
    type: 'TABLE',
    source: 'CREATE TABLE public.c (\n    b integer,\n    a text\n)\nINHERITS (public.p);',
    restored: 'CREATE TABLE public.c (\n    b bigint,\n    a text\n)\nINHERITS (public.p);',
  },
  {
    name: 'two columns that were one',
    type: 'TABLE',
    source: 'CREATE TABLE public.c (\n    a text,\n    b\n)\nINHERITS (public.p);',
    restored: 'CREATE TABLE public.c (\n    a textb,\n    \n)\nINHERITS (public.p);',
  },
  {
    name: 'the order of columns of what is no table',
    type: 'FOREIGN TABLE',
    source: 'CREATE FOREIGN TABLE public.c (\n    b integer,\n    a text\n)\nINHERITS (public.p);',
    restored: 'CREATE FOREIGN TABLE public.c (\n    a text,\n    b integer\n)\nINHERITS (public.p);',
  },
  {
    name: 'the order of parents',
    type: 'TABLE',
    source: 'CREATE TABLE public.c (\n    b integer\n)\nINHERITS (public.p, public.q);',
    restored: 'CREATE TABLE public.c (\n    b integer\n)\nINHERITS (public.q, public.p);',
  },
];

describe('a harmless difference goes away:', () => {
  test.each(harmless)('$name', ({ type = 'VIEW', source, restored }) => {
    expect(normalise(source, type)).toBe(normalise(restored, type));
  });

  test.each(harmless)('$name, and stays away', ({ type = 'VIEW', source }) => {
    expect(normalise(normalise(source, type), type)).toBe(normalise(source, type));
  });
});

describe('a difference that looks alike stays:', () => {
  test.each(harmful)('$name', ({ type = 'VIEW', source, restored }) => {
    expect(normalise(source, type)).not.toBe(normalise(restored, type));
  });
});

test.each([
  ['an array in brackets without a cast', "x = ANY ((ARRAY['a'::text]))"],
  ['a cast that stands further on', "((ARRAY['a'::text]) = (b)::text[])"],
  ['arrays that are put together and then cast', "(ARRAY['a'::text] || ARRAY['b'::text])::text[]"],
  ['an argument with OR', 'f(a OR b) OR c'],
  ['an argument with OR, behind brackets', '((a)) AND f(a OR b) OR c'],
  ['OR that is only within brackets', '((f(a OR b)) OR c)'],
  ['brackets at the end', '((a OR b))'],
])('%s stays as it is', (_, definition) => {
  expect(normalise(definition, 'VIEW')).toBe(definition);
});

describe('options of a foreign server may be secrets, and', () => {
  const withOptions = (create: string, password = 'hunter2') =>
    `CREATE ${create} OPTIONS (\n    host 'far',\n    password '${password}'\n);`;

  test.each(['SERVER', 'FOREIGN TABLE', 'FOREIGN DATA WRAPPER'])('those of a %s are known by a hash alone', (type) => {
    const hashed = normalise(withOptions('SERVER far'), type);
    expect(hashed).toMatch(/^a definition with the hash [\da-f]{12}$/);
    expect(normalise(withOptions('SERVER far'), type)).toBe(hashed);
    expect(normalise(withOptions('SERVER far', 'hunter3'), type)).not.toBe(hashed);
    expect(normalise('CREATE SERVER far;', type)).toBe('CREATE SERVER far;');
  });

  test.each(['hunter2', 'a\n);b'])('those of a user mapping are left out: %j', (password) => {
    const mapping = withOptions('USER MAPPING FOR anna SERVER far', password);
    expect(normalise(mapping, 'USER MAPPING')).toBe('CREATE USER MAPPING FOR anna SERVER far;');
    expect(normalise('CREATE USER MAPPING FOR anna SERVER far;', 'USER MAPPING')).toMatch(/far;$/);
  });

  test('what merely looks like them stays', () => {
    const body = withOptions('FUNCTION f()');
    expect(normalise(body, 'FUNCTION')).toBe(body);
  });
});

test('definitions of subscriptions are left out, which only superusers are shown, and no other', () => {
  const entries = ['SUBSCRIPTION', 'SUBSCRIPTION TABLE', 'PUBLICATION', 'VIEW'].map(
    (type) => [type, { type, object: 'x', definition: 'y' }] as const,
  );
  expect(normaliseSchema(Object.fromEntries(entries))).toEqual(Object.fromEntries(entries.slice(2)));
});

describe('privileges of a schema that was the schema public', () => {
  const revoked = 'REVOKE ALL ON SCHEMA old FROM pg_database_owner;\nREVOKE USAGE ON SCHEMA old FROM PUBLIC;\n';
  const privileges = (definition: string, owner = 'app') =>
    normaliseSchema({
      'SCHEMA old': {
        ...{ type: 'SCHEMA', object: 'old' },
        definition: `CREATE SCHEMA old;\n\n\nALTER SCHEMA old OWNER TO ${owner};`,
      },
      'ACL SCHEMA old': { type: 'ACL', object: 'SCHEMA old', definition },
    })['ACL SCHEMA old']?.definition;

  test.each([
    ['GRANT ALL ON SCHEMA old TO app;\nGRANT USAGE ON SCHEMA old TO PUBLIC;', 'GRANT USAGE ON SCHEMA old TO PUBLIC;'],
    ['GRANT ALL ON SCHEMA old TO app;', undefined],
    ['GRANT USAGE ON SCHEMA old TO app;', 'GRANT USAGE ON SCHEMA old TO app;'],
    ['GRANT ALL ON SCHEMA old TO anna;', 'GRANT ALL ON SCHEMA old TO anna;'],
  ])('are what a restore gives to it: %s', (granted, expected) => {
    expect(privileges(`${revoked}${granted}`)).toBe(expected);
  });

  test('stay where they are those of any other', () => {
    const other = 'REVOKE ALL ON SCHEMA old FROM app;\nGRANT ALL ON SCHEMA old TO app;';
    expect(privileges(other)).toBe(other);
  });
});

test('text without an end is left as it is', () => {
  for (const text of ['(ARRAY[', "(ARRAY['a", '((', '((a OR b) OR', 'CREATE TABLE x (\n'])
    expect(normalise(text, 'TABLE')).toBe(text);
});

function normalise(definition: string, type: string): string {
  return normaliseSchema({ key: { type, object: 'x', definition } })['key']?.definition ?? '';
}
