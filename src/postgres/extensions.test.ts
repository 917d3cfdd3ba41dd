import { expect, test } from 'vitest';
import { listExtensions, withoutPrepared } from './extensions.ts';

const contents = [
  ';',
  '; Archive created at 2026-02-09 09:48:03 UTC',
  ';     dbname: shop',
  '2; 3079 16390 EXTENSION - hstore ',
  '4545; 0 0 COMMENT - EXTENSION hstore ',
  '3; 3079 16500 EXTENSION - postgis_topology ',
  '4546; 0 0 COMMENT - EXTENSION postgis_topology ',
  '5; 3079 16510 EXTENSION - uuid-ossp ',
  '4548; 0 0 COMMENT - EXTENSION "uuid-ossp" ',
  '8; 2615 16499 SCHEMA - topology postgres',
  '4547; 0 0 COMMENT - SCHEMA topology postgres',
  '9; 2615 16600 SCHEMA - topology2 app',
  '215; 1259 16700 TABLE public EXTENSION - hstore app',
].join('\n');

test('extensions are read from a table of contents', () => {
  expect(listExtensions(contents)).toEqual(['hstore', 'postgis_topology', 'uuid-ossp']);
});

test('what is there already is left out, and nothing else', () => {
  const left = withoutPrepared(contents, ['postgis_topology', 'uuid-ossp'], ['topology']).split('\n');
  expect(contents.split('\n').filter((line) => !left.includes(line))).toEqual([
    '3; 3079 16500 EXTENSION - postgis_topology ',
    '4546; 0 0 COMMENT - EXTENSION postgis_topology ',
    '5; 3079 16510 EXTENSION - uuid-ossp ',
    '4548; 0 0 COMMENT - EXTENSION "uuid-ossp" ',
    '8; 2615 16499 SCHEMA - topology postgres',
    '4547; 0 0 COMMENT - SCHEMA topology postgres',
  ]);
});
