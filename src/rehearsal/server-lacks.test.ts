import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import type { ServedDatabase } from './served-database.ts';

/** What a dump may need that no server has, and how a rehearsal calls that: before the restore, where its statements say it. */
const lacks: [statement: string, code: string, next: RegExp][] = [
  [
    'create extension if not exists vector with schema public;',
    'EXTENSION_MISSING',
    /vector.*postgresql-\d+-pgvector.*pgvector\/pgvector:pg\d+/,
  ],
  [
    'CREATE EXTENSION IF NOT EXISTS pg_nosuch WITH SCHEMA public;',
    'EXTENSION_MISSING',
    /pg_nosuch.*postgresql-\d+-nosuch/,
  ],
  [
    "CREATE COLLATION public.here (provider = libc, locale = 'xx_YY.utf8');",
    'LOCALE_MISSING',
    /xx_YY\.utf8.*locales-all.*image/,
  ],
  [
    "CREATE COLLATION public.here (provider = libc, lc_collate = 'xx_YY.utf8', lc_ctype = 'C');",
    'LOCALE_MISSING',
    /xx_YY/,
  ],
  ['CREATE TABLE public.t (name text COLLATE pg_catalog."xx_YY.utf8");', 'LOCALE_MISSING', /xx_YY\.utf8.*locales-all/],
  [
    "CREATE TEXT SEARCH DICTIONARY public.words (\n    TEMPLATE = pg_catalog.ispell,\n    dictfile = 'nosuch', afffile = 'nosuch' );",
    'TEXT_SEARCH_MISSING',
    /nosuch\.(dict|affix).*tsearch_data.*hunspell/,
  ],
  [
    "CREATE TEXT SEARCH DICTIONARY public.words (\n    TEMPLATE = pg_catalog.snowball,\n    language = 'german', stopwords = 'nosuch' );",
    'TEXT_SEARCH_MISSING',
    /nosuch\.stop/,
  ],
  [
    "CREATE FUNCTION public.f() RETURNS integer\n    LANGUAGE c\n    AS '$libdir/nosuch', 'f';",
    'LIBRARY_MISSING',
    /\$libdir\/nosuch.*apt-get install/,
  ],
  ['SET default_table_access_method = columnar;', 'ACCESS_METHOD_MISSING', /columnar/],
  [
    "CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql SET \"TimeZone\" TO 'Mars/Base' AS 'select 1';",
    'TIME_ZONE_MISSING',
    /Mars\/Base.*tzdata/,
  ],
  ["CREATE MATERIALIZED VIEW public.v AS SELECT now() AT TIME ZONE 'Mars/Base' AS at;", 'TIME_ZONE_MISSING', /tzdata/],
];

describeEitherEngine('a dump that needs what the server has not got', (engine) => {
  const server = useServer(engine);
  let original: ServedDatabase;

  beforeAll(async () => {
    original = await serveDrill(server(), {});
  });
  afterAll(() => original.drill.run.dispose());

  const rehearse = async (statement: string, tolerated?: string) => {
    const file = join(await makeWorkspace(), 'source.sql');
    const encoding = "SET client_encoding = 'UTF8';\nSET check_function_bodies = false;";
    const lines = [
      '--',
      '-- PostgreSQL database dump',
      '--',
      '',
      encoding,
      statement,
      '',
      '--',
      '-- PostgreSQL database dump complete',
      '--',
      '',
    ];
    await writeFile(file, lines.join('\n'));
    const tolerate = tolerated === undefined ? [] : [{ message: tolerated, reason: 'a test' }];
    return rehearseBackup(original, file, { tolerate });
  };

  test.for(lacks)('could not be rehearsed, and says what to install: %s', async ([statement, code, next]) => {
    const { rules, metas } = await rehearse(statement);
    expect(rules).toEqual([expect.stringMatching(new RegExp(`^${code}: `))]);
    expect(rules[0]).toMatch(next);
    expect(metas.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed', 'failed']);
  });

  test('is restored as far as it goes where the profile tolerates that', async () => {
    const { rules } = await rehearse('CREATE EXTENSION nosuch;', 'nosuch');
    expect(rules).toEqual(['EXTENSION_MISSING (warning)', 'RESTORE_STOPPED']);
  });
});
