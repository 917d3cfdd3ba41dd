import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asDump } from '../../fixtures/testing/dumps.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { PlainDumpReader, type PlainDump } from './plain-dump-reader.ts';
import type { DumpedTable } from './plain-dump-rows.ts';
import { scanPlainDump, startsAsPlainDump } from './plain-dump.ts';
import { HashSum } from './rows-hash.ts';

/** Pieces of every length: what a lexer makes of a text must not depend on where the reads happen to end. */
function lex(sql: string, pieceLength: number): PlainDump {
  const reader = new PlainDumpReader();
  const bytes = Buffer.from(sql).toString('latin1');
  for (let at = 0; at < bytes.length; at += pieceLength) reader.feed(bytes.slice(at, at + pieceLength));
  return reader.end();
}

const padding = `-- ${'x'.repeat(80)}\n`.repeat(30);

describe.each([1, 3, 7, 1000, 1_000_000])('in pieces of %i characters', (pieceLength) => {
  test.each([
    ['at the start of a line', '\\! id\n', '!'],
    ['behind a statement', 'select 1; \\! id\n', '!'],
    ['within a statement', "select 'a' \\gexec\n", 'gexec'],
    ['with an argument that is not shown', '\\copy t from program secret\n', 'copy'],
    ['behind a string that ends with a backslash', "select 'C:\\'; \\! id\n", '!'],
    ['behind doubled quotes', 'select \'it\'\'s\', "a""b"; \\! id\n', '!'],
    ['behind an escaped quote', "select E'it\\'s'; \\! id\n", '!'],
    ['behind a name that ends with e', "select namee'\\'; \\! id\n", '!'],
    ['behind a name that holds dollars', 'select a$$ \\! id $$\n', '!'],
    ['behind another dollar quote', 'select $a$ $b$ $a$; \\! id -- $b$\n', '!'],
    ['behind a nested comment', '/* /* */ */ \\! id\n', '!'],
    ['behind a comment that a carriage return ends', '-- harmless\r\\! id\n', '!'],
    ['behind rows', 'COPY t (a) FROM stdin;\nx\n\\.\n\\! id\n', '!'],
    ['behind rows with the line breaks of Windows', 'COPY t (a) FROM stdin;\r\nx\r\n\\.\r\n\\! id\r\n', '!'],
    ['behind no rows', 'COPY public."a b" ("x;""", y)  FROM stdin;\n\\.\n\\! id\n', '!'],
    ['in a line of COPY', 'COPY t FROM stdin; \\! id\n\\.\n', 'text behind COPY … FROM stdin'],
    [
      'in what only looks like rows',
      "select 1 as copy; create table t (copy int); select 'COPY t FROM stdin;'; \\! id\n",
      '!',
    ],
    ['behind a COPY in a function', 'create function f() returns int begin atomic; COPY t FROM stdin;\n\\! id\n', '!'],
    ['behind another COPY', "COPY t FROM stdin (format csv);\n'\n\\.\n\\! id\n'\n", 'another COPY than pg_dump’s'],
    [
      'behind a COPY that shares a request',
      "create function begin() returns int language sql as 'select 1'; copy t from stdin; end;\n'\n\\.\n\\! id\n'\n",
      'another COPY than pg_dump’s',
    ],
    ['\\connect', '\\connect other\n', 'connect'],
    ['\\restrict with another key', '\\restrict a\n\\unrestrict b\n\\! id\n', 'unrestrict'],
    ['a second \\restrict', '\\restrict a\n\\restrict a\n', 'restrict'],
    ['\\restrict behind a statement', 'select 1;\n\\restrict a\n', 'restrict'],
    ['what stands behind \\unrestrict', '\\restrict a\n\\unrestrict a\nselect 1;\n', 'text behind \\unrestrict'],
    ['a line that psql would cut', 'select \0 1;\n', 'a zero byte'],
  ])('%s is found', (_, sql, command) => {
    const { metaCommands } = lex(padding + sql, pieceLength);
    expect(metaCommands[0]?.command).toBe(command);
    const before = (padding + sql).lastIndexOf(/^\w+$|^!$/.test(command) ? `\\${command}` : '\uffff');
    if (before >= 0) expect(metaCommands[0]?.line).toBe((padding + sql).slice(0, before).split('\n').length);
  });

  test.each([
    ['in a string', "select '\\! id', '\n\\! id\n';\n"],
    ['in an escape string', "select E'\\'\n\\! id\n\\\\';\n"],
    ['in a name', 'create table "\n\\! id\n" ();\n'],
    ['in a body', 'do $$\n\\! id\n$$; do $b$ $$ \\! id $a$ \n\\! id\n$b$;\n'],
    ['in comments', '-- \\! id\n/* \\! id /* \n\\! id\n*/ \\! id */\n'],
    ['in rows', 'COPY public.t (a, "b ""c""") FROM stdin;\n\\! id\n\\N\t\\.\n\\.x\n \\.\n\\\\.\n\\.\nselect 1;\n'],
    ['around a dump', '\\restrict aB3\n\nselect 1;\n\n--\n-- done\n--\n\n\\unrestrict aB3\n\n'],
  ])('%s it is harmless', (_, sql) => {
    expect(lex(padding + sql, pieceLength)).toMatchObject({ metaCommands: [], ambiguousLine: null });
  });
});

const copied = (rows: number, columns: string, text: string): DumpedTable => {
  const hash = createHash('sha256').update(text).digest('hex');
  return { rows, columns, form: 'copy', order: 'kept', hash, parts: [] };
};

const inserted = (columns: string | null, rows: string[]): DumpedTable => {
  return { rows: rows.length, columns, form: 'insert', order: 'any', hash: sum(rows), parts: [] };
};

const sum = (texts: string[]) => {
  const hashes = new HashSum();
  for (const text of texts) hashes.add(createHash('sha256').update(text).digest());
  return hashes.toString();
};

const part = { table: 'public.users', columns: 'x', hash: copied(0, 'x', '').hash };

test.each([1, 7, 1_000_000])(
  'what a dump fills a database with is counted (pieces of %i characters)',
  (pieceLength) => {
    const sql = `
    create function f() returns int language sql as 'COPY public.no (a) FROM stdin;
1
\\.
';
COPY public.users (id, "na""me") FROM stdin;
1\ta
2\t\\.
\\.
COPY "Ünï s".";t" (x) FROM stdin;
\\.
COPY public.parts (x) FROM stdin;
1
\\.
COPY public.parts (x) FROM stdin;
2
3
\\.
SET client_encoding = 'UTF8';
INSERT INTO public.notes VALUES (1, 'insert into x) values (2, ');
INSERT INTO public.notes VALUES
	(2, E'\\')'),
	(3, (4));
INSERT INTO public.named ("a ""(""", b) OVERRIDING SYSTEM VALUE VALUES (5, 6) ON CONFLICT DO NOTHING;
INSERT INTO public.none DEFAULT VALUES;
SELECT pg_catalog.setval('public.users_id_seq', 2, true);
SELECT pg_catalog.setval('"Ünï s"."it''s"', -5, false);
SELECT pg_catalog.lo_open('16402', 131072);
SELECT pg_catalog.lowrite(0, '\\x6c');
SELECT 'pg_catalog.setval(''public.no'', 2, true)';
--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.more (x) FROM stdin;
\\.

SET default_tablespace = '';

--
-- Name: t; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.t ();

--\r
-- Data for Name: a; Type: b; Type: TABLE DATA; Schema: crm; Owner: o\r
SELECT '
-- Name: no; Type: TABLE; Schema: public; Owner: -
';
`;
    expect(lex(sql, pieceLength).contents).toEqual({
      tables: new Map([
        ['public.users', copied(2, 'id, "na""me"', '1\ta\n2\t\\.\n')],
        ['"Ünï s".";t"', copied(0, 'x', '')],
        ['public.parts', copied(3, 'x', '1\n2\n3\n')],
        // As with --load-via-partition-root: the rows of users go into another table.
        ['public.more', { ...copied(0, 'x', ''), parts: [part] }],
        ['public.notes', inserted(null, ["1, 'insert into x) values (2, ')", "2, E'\\')')", '3, (4))'])],
        ['public.named', inserted('"a ""(""", b', ['5, 6)'])],
        ['public.none', inserted(null, [''])],
      ]),
      timestamps: [],
      encoding: 'UTF8',
      sequences: new Map([
        ['public.users_id_seq', { lastValue: '2', isCalled: true }],
        [`"Ünï s"."it's"`, { lastValue: '-5', isCalled: false }],
      ]),
      largeObjects: { count: 1, hash: sum(['16402 l']) },
      hasRequiredColumn: false,
      entries: new Map([
        ['TABLE DATA', new Set(['users', 'crm.a; Type: b'])],
        ['TABLE', new Set(['t'])],
      ]),
      owners: new Set(['o']),
      owned: new Map([['o', 1]]),
      databaseOwner: null,
      rowSecurity: null,
      definitions: [
        { type: 'TABLE DATA', object: 'users', text: "\nSET default_tablespace = '';\n" },
        { type: 'TABLE', object: 't', text: '\nCREATE TABLE public.t ();\n' },
        { type: 'TABLE DATA', object: 'crm.a; Type: b', text: '\n\n' },
      ],
    });
  },
);

test.each([
  ['CREATE TABLE t (id integer NOT NULL);', true],
  ['CREATE UNLOGGED TABLE t (\n    id integer\n    NOT NULL\n);', true],
  ['CREATE TABLE t (id integer, name text);', false],
  ['CREATE TABLE t (name text DEFAULT \' not null \', "not null" text); -- not null', false],
  ['CREATE VIEW v AS SELECT 1 WHERE (NOT NULL::boolean);', false],
])('says of %j whether a column must have a value: %s', (sql, required) => {
  expect(lex(`${padding}\n${sql}\n`, 7).contents.hasRequiredColumn).toBe(required);
});

test.each([["select '\\'; \\! id --';\n"], ["select E'a'\n'b\\'';\n"], ["select 1E'\\'';\n"], ["select :'HOST';\n"]])(
  'versions and settings of psql read %j in different ways',
  (sql) => {
    expect(lex(`${padding}\n${sql}`, 1000).ambiguousLine).toBe(sql.includes("\n'b") ? 33 : 32);
  },
);

test('what is written around a dump is located in bytes', () => {
  const sql = 'select 1; -- ü\n';
  const dump = `-- ü\n\\restrict key\n${sql}\\unrestrict key\n`;
  const { neverRun } = lex(dump, 5);
  const bytes = Buffer.from(dump);
  expect(neverRun.map(({ offset, length }) => bytes.toString('utf8', offset, offset + length))).toEqual([
    '\\restrict key',
    '\\unrestrict key',
  ]);
});

test('a dump is known by its first lines', async () => {
  const directory = await makeWorkspace({
    'plain.sql': '--\n-- PostgreSQL database dump\n--\n\n\\! id\n',
    'cluster.sql': '--\n-- PostgreSQL database cluster dump\n--\n',
    'custom.dump': 'PGDMP',
    empty: '',
  });
  const files = ['plain.sql', 'cluster.sql', 'custom.dump', 'empty'];
  const dumps = await Promise.all(files.map((file) => asDump(join(directory, file))));
  expect(dumps.map(({ head }) => startsAsPlainDump(head))).toEqual([true, false, false, false]);
  expect((await scanPlainDump(await asDump(join(directory, 'plain.sql')))).metaCommands).toEqual([
    { line: 5, command: '!' },
  ]);
});

describe('a dump is whole only with its closing comment', () => {
  const closing = '--\n-- PostgreSQL database dump complete\n--\n\n';
  const rows = 'COPY public.t (a) FROM stdin;\n1\n\\.\n';

  test.each([
    ['at its end', `${rows}${closing}`],
    ['without the last line break', `${rows}${closing}`.trimEnd()],
    ['without the lines behind it', `${rows}-- PostgreSQL database dump complete`],
    ['with the line breaks of Windows', `${rows}${closing}`.replaceAll('\n', '\r\n')],
    ['before \\unrestrict', `\\restrict aB\n${rows}${closing}\\unrestrict aB\n\n`],
    ['before \\unrestrict without a line break', `\\restrict aB\n${rows}${closing}\\unrestrict aB`],
    ['before other comments', `${rows}${closing}-- copied /* at */ night\n/* ; */\n`],
    ['of each of several', `${rows}${closing}--\n-- PostgreSQL database dump\n--\n${rows}${closing}`],
  ])('%s', (_, sql) => {
    expect(lex(sql, 1)).toMatchObject({ cut: null, metaCommands: [] });
    expect(lex(sql, 1_000_000)).toMatchObject({ cut: null, metaCommands: [] });
  });

  test.each([
    ['nothing', '', 'before pg_dump’s closing comment'],
    ['none', rows, 'before pg_dump’s closing comment'],
    ['it in a row', `COPY public.t (a) FROM stdin;\n${closing}`, 'within the rows of public.t'],
    [
      'it in a row of a table that ends',
      `COPY public.t (a) FROM stdin;\n${closing}\\.\n`,
      'before pg_dump’s closing comment',
    ],
    ['it in a string', `select '\n${closing}`, 'within a statement'],
    ['it in a string that ends', `select '\n${closing}';\n`, 'before pg_dump’s closing comment'],
    ['it in a body', `do $a$\n${closing}$a$;\n`, 'before pg_dump’s closing comment'],
    ['it in a name', `create table "\n${closing}" ();\n`, 'before pg_dump’s closing comment'],
    ['it in a comment', `/*\n${closing}*/\n`, 'before pg_dump’s closing comment'],
    ['it in a comment without end', `/*\n${closing}`, 'within a comment'],
    ['it in a statement', `select 1\n${closing}`, 'within a statement'],
    ['it in parentheses', `select (;\n${closing}`, 'within a statement'],
    ['it behind other words', '-- see -- PostgreSQL database dump complete\n', 'before pg_dump’s closing comment'],
    ['more words in it', '-- PostgreSQL database dump complete?\n', 'before pg_dump’s closing comment'],
    ['a statement behind it', `${closing}${rows}`, 'with more than pg_dump wrote there'],
    ['another dump behind it', `${closing}--\n-- PostgreSQL database dump\n--\n`, 'with more than pg_dump wrote there'],
    ['no \\unrestrict', `\\restrict aB\n${closing}`, 'before the \\unrestrict that its \\restrict needs'],
    ['half an \\unrestrict', `\\restrict aB\n${closing}\\unrestr`, 'before the \\unrestrict that its \\restrict needs'],
  ])('and not with %s', (_, sql, reason) => {
    for (const length of [1, 1_000_000]) expect(lex(sql, length)).toMatchObject({ cut: { reason }, metaCommands: [] });
  });
});

describe('what was done to a dump after pg_dump', () => {
  const start = '--\n-- PostgreSQL database dump\n--\n';
  const table = '-- Name: t; Type: TABLE; Schema: public; Owner: x\n';
  const create = `${table}create table t (a text);\n`;
  const body = "create function f() returns int language sql as 'select\r\n1';\n";
  const closing = '--\n-- PostgreSQL database dump complete\n--\n\n';
  const restricted = `${start}\\restrict aB\n${create}${closing}\\unrestrict aB\n\n`;

  test.each([
    ['text', `${start}${closing}Connection closed.\n`, 'text behind', 8],
    ['text behind \\unrestrict', `${restricted}Connection closed.\n`, 'text behind', 13],
    ['a statement', `${start}${closing}\nanalyze;\n`, 'text behind', 9],
    ['zeros behind it', `${start}${closing}\0\0\0`, 'zeros', 8],
    ['zeros in a row', `${start}COPY public.t (a) FROM stdin;\n1\n\0\0\n\\.\n${closing}`, 'zeros', 6],
    ['itself', `${start}${create}${closing}`.repeat(2), 'dumped again', 13],
    ['itself, restricted', `${restricted}${restricted.replaceAll('aB', 'cD')}`, 'dumped again', 17],
    ['line ends in part', `${start}${create}${closing}`.replace(table, table.replace('\n', '\r\n')), 'line ends', 4],
    ['line ends of the start', `${start.replaceAll('\n', '\r\n')}${create}${closing}`, 'line ends', 2],
  ])('is told: %s', (_, sql, kind, line) => {
    for (const length of [1, 1_000_000]) expect(lex(sql, length).disorder).toMatchObject({ kind, line });
  });

  test.each([
    ['nothing', restricted],
    ['a carriage return in a body', `${start}${body}${closing}`],
    [
      'another dump, of the rows alone',
      `${restricted}${start}\\restrict cD\nCOPY public.t (a) FROM stdin;\n1\n\\.\n${closing}\\unrestrict cD\n`,
    ],
  ])('is not told of %s', (_, sql) => {
    for (const length of [1, 1_000_000]) {
      expect(lex(sql, length)).toMatchObject({ disorder: null, cut: null, metaCommands: [] });
    }
  });

  test('though what stands behind a dump that was not ended is no dump of its own', () => {
    const { metaCommands } = lex(`${start}\\restrict aB\n${closing}${start}\\restrict cD\n`, 7);
    expect(metaCommands).toEqual([{ line: 12, command: 'restrict' }]);
  });
});

describe('what pg_dump --create writes', () => {
  const create = 'CREATE DATABASE "a b" WITH TEMPLATE = template0;\nALTER DATABASE "a b" OWNER TO x;\n';
  const connect = `\\encoding SQL_ASCII\n\\connect -reuse-previous=on "dbname='a b'"\n`;
  const within = (lines: string) =>
    `-- x\n\\restrict key\nSET a = b;\nDROP DATABASE IF EXISTS "a b";\n${lines}\n\\unrestrict key\n`;
  const whole = within(
    `${create}\\unrestrict key\n${connect}\\restrict key\nSET a = b;\nALTER ROLE x IN DATABASE "a b" SET a TO 'b';\n` +
      `\\unrestrict key\n${connect}\\restrict key\nCREATE TABLE t (i integer);\n`,
  );

  test('is known as its own, and never run', () => {
    const { metaCommands, neverRun } = lex(whole, 7);
    expect(metaCommands).toEqual([]);
    const bytes = Buffer.from(whole);
    for (const { offset, length } of neverRun) bytes.fill(' ', offset, offset + length);
    expect(bytes.toString().replace(/\s+/g, ' ').trim()).toBe('-- x SET a = b; SET a = b; CREATE TABLE t (i integer);');
  });

  test.each([
    ['without the database being created', `${connect}SELECT 1;`, ['encoding', 'connect']],
    ['to another database', `${create}\\unrestrict key\n\\connect a\n\\connect b\n\\restrict key\n`, ['connect']],
    ['with more than a name', `${create}\\unrestrict key\n\\connect a b c\n\\restrict key\n`, ['connect']],
    ['in a shortened form', `${create}\\c a\n`, ['c']],
    [
      'with the restriction never taken up again',
      `${create}\\unrestrict key\n\\connect a\nSELECT 1;\n`,
      ['text behind \\unrestrict'],
    ],
    ['under another key', `${create}\\unrestrict key\n\\connect a\n\\restrict other\n`, ['restrict', 'unrestrict']],
    ['with another encoding', `${create}\\encoding BIG5\n`, ['encoding']],
  ])('is refused %s', (_, lines, commands) => {
    const { metaCommands } = lex(within(lines), 7);
    expect(metaCommands.map(({ command }) => command)).toEqual(expect.arrayContaining(commands));
  });
});
