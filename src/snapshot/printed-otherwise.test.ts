import { expect, test } from 'vitest';
import { everyDifference, explainByMajors } from './printed-otherwise.ts';

const upgrade = { from: 15, to: 17 };
const explain = (type: string, before: string, after: string, majors = upgrade) =>
  explainByMajors({ type, object: 'o', definition: before }, { type, object: 'o', definition: after }, majors);

const same: [what: string, type: string, before: string, after: string][] = [
  [
    'a view over one table',
    'VIEW',
    "CREATE VIEW x.v AS\n SELECT a.id,\n    a.v AS a\n   FROM x.a\n  WHERE (a.v <> 'a.v'::text);",
    "CREATE VIEW x.v AS\n SELECT id,\n    v AS a\n   FROM x.a\n  WHERE (v <> 'a.v'::text);",
  ],
  [
    'a view over one table inside of a query over two',
    'VIEW',
    'CREATE VIEW v AS SELECT q.id, (SELECT count(*) FROM x.b WHERE (b.id = q.id)) FROM q;',
    'CREATE VIEW v AS SELECT id, (SELECT count(*) FROM x.b WHERE (b.id = q.id)) FROM q;',
  ],
  [
    'a table with the name of its column',
    'VIEW',
    'CREATE VIEW v AS SELECT a.a FROM a;',
    'CREATE VIEW v AS SELECT a FROM a;',
  ],
  [
    'an alias, quoted',
    'MATERIALIZED VIEW',
    'CREATE MATERIALIZED VIEW m AS SELECT "A b".id FROM x.a "A b" WITH NO DATA;',
    'CREATE MATERIALIZED VIEW m AS SELECT id FROM x.a "A b" WITH NO DATA;',
  ],
  [
    'the owner of a view',
    'VIEW',
    'CREATE VIEW v AS SELECT 1;\n\n\nALTER TABLE public."v ""OWNER TO""" OWNER TO shop;',
    'CREATE VIEW v AS SELECT 1;\n\n\nALTER VIEW public."v ""OWNER TO""" OWNER TO shop;',
  ],
  [
    'default privileges',
    'DEFAULT ACL',
    'ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON FUNCTIONS  FROM PUBLIC;',
    'ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON FUNCTIONS FROM PUBLIC;',
  ],
];

test.each(same)('%s is the same, printed otherwise', (_what, type, before, after) => {
  expect(explain(type, before, after)).toHaveLength(1);
});

const other: typeof same = [
  ['another column', 'VIEW', 'CREATE VIEW v AS SELECT a.id FROM x.a;', 'CREATE VIEW v AS SELECT no FROM x.a;'],
  [
    'another condition',
    'VIEW',
    'CREATE VIEW v AS SELECT a.id FROM a WHERE (a.id > 1);',
    'CREATE VIEW v AS SELECT id FROM a WHERE (id > 2);',
  ],
  [
    'a condition less',
    'VIEW',
    'CREATE VIEW v AS SELECT a.id FROM a WHERE (a.id > 1);',
    'CREATE VIEW v AS SELECT id FROM a;',
  ],
  ['another schema', 'VIEW', 'CREATE VIEW v AS SELECT a.id FROM x.a;', 'CREATE VIEW v AS SELECT id FROM a;'],
  ['another order', 'VIEW', 'CREATE VIEW v AS SELECT a.x, a.y FROM a;', 'CREATE VIEW v AS SELECT y, x FROM a;'],
  ['another owner', 'VIEW', 'ALTER TABLE public.v OWNER TO shop;', 'ALTER VIEW public.v OWNER TO other;'],
  ['a text with dots', 'VIEW', "CREATE VIEW v AS SELECT 'a.b' FROM a;", "CREATE VIEW v AS SELECT 'b' FROM a;"],
  ['a table', 'TABLE', 'CREATE TABLE t (\n    id integer NOT NULL\n);', 'CREATE TABLE t (\n    id integer\n);'],
  [
    'a function',
    'FUNCTION',
    "CREATE FUNCTION f() AS 'select a.id from a';",
    "CREATE FUNCTION f() AS 'select id from a';",
  ],
];

test.each(other)('%s is another definition', (_what, type, before, after) => {
  expect(explain(type, before, after)).toBeNull();
});

test('names of NOT NULL constraints are printed from 18 on, and nothing is excused between majors that print alike', () => {
  const [without, named] = ['    id integer NOT NULL', '    id integer CONSTRAINT "old ""name""" NOT NULL'];
  expect(explain('TABLE', without, named, { from: 17, to: 18 })).toHaveLength(1);
  expect(explain('TABLE', without, named, { from: 15, to: 17 })).toBeNull();
  expect(explain('TABLE', '    id integer', named, { from: 17, to: 18 })).toBeNull();
  expect(explain('VIEW', 'SELECT a.id FROM a;', 'SELECT id FROM a;', { from: 16, to: 17 })).toBeNull();
  expect(everyDifference.every(({ source, stillCaught }) => source !== '' && stillCaught !== '')).toBe(true);
});
