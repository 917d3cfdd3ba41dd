import { expect, test } from 'vitest';
import { PlainDumpReader } from './plain-dump-reader.ts';

function needsOf(...statements: string[]) {
  const reader = new PlainDumpReader();
  reader.feed(`${["SET client_encoding = 'UTF8';", ...statements].join('\n')}\n`);
  return reader.end().needs;
}

test.for([
  ['GRANT SELECT ON TABLE public.t TO reader;', ['reader']],
  ['GRANT ALL ON SCHEMA "to x" TO "it\'s a ""role""" WITH GRANT OPTION;', ['it\'s a "role"']],
  ['GRANT ALL ON TABLE public.t TO PUBLIC;', []],
  ['REVOKE ALL ON TABLE public.t FROM gone;', []],
  ['CREATE POLICY p ON public.t FOR SELECT TO a, "b c", CURRENT_USER USING ((id > 5));', ['a', 'b c']],
  ['CREATE POLICY "x to y" ON "s"."t" AS RESTRICTIVE TO a WITH CHECK (true);', ['a']],
  ["CREATE POLICY p ON public.t USING ((note = ' to nobody'::text));", []],
  ['ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA s GRANT SELECT ON TABLES TO taker;', ['maker', 'taker']],
  ["CREATE USER MAPPING FOR local SERVER far OPTIONS (user 'u', password 'to them');", ['local']],
  ["COMMENT ON TABLE public.t IS 'GRANT ALL ON TABLE x TO nobody;';", []],
  ['CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ GRANT ALL ON t TO nobody; $$;', []],
] as const)('%s names the roles %j', ([statement, roles]) => {
  expect([...needsOf(statement).roles]).toEqual(roles);
});

test('names are read in the encoding of the dump', () => {
  const bytes = Buffer.from('GRANT SELECT ON TABLE t TO "Büro";').toString('latin1');
  expect([...needsOf(bytes).roles]).toEqual(['Büro']);
});

test('the options of the database are read', () => {
  const statement = `CREATE DATABASE "a = 'b'" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'de_DE.utf8' ICU_LOCALE = 'de-DE';`;
  expect(needsOf(statement).database).toMatchObject({
    ...{ encoding: 'UTF8', locale: 'de_DE.utf8', locale_provider: 'icu', icu_locale: 'de-DE' },
  });
});
