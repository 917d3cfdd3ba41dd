import { describe, expect, test } from 'vitest';
import { isDrop } from './drop-phase.ts';

describe('a statement is one that drops', () => {
  test.for([
    'DROP TABLE IF EXISTS public.t;',
    'DROP OPERATOR FAMILY IF EXISTS public.f USING mine;',
    'ALTER TABLE ONLY shop.t DROP CONSTRAINT t_pkey;',
    'ALTER TABLE shop.t ALTER COLUMN id DROP DEFAULT;',
    'ALTER TABLE shop.t DISABLE ROW LEVEL SECURITY;',
    'ALTER DOMAIN shop.d DROP CONSTRAINT IF EXISTS positive;',
    "SELECT pg_catalog.lo_unlink('16400');",
    'CREATE OR REPLACE VIEW shop.totals AS\nSELECT\n    NULL::integer AS id;',
  ])('%s', (statement) => {
    expect(isDrop(statement)).toBe(true);
  });
});

describe('a statement is not', () => {
  test.for([
    "CREATE TABLE public.t (a text DEFAULT 'DROP TABLE');",
    'ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);',
    'ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;',
    'ALTER TABLE public.t DISABLE TRIGGER t;',
    'CREATE OR REPLACE VIEW shop.totals AS\n SELECT NULL::integer AS id;',
    "SELECT pg_catalog.setval('public.s', 1, true);",
  ])('%s', (statement) => {
    expect(isDrop(statement)).toBe(false);
  });
});
