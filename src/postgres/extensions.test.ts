import { expect, test } from 'vitest';
import { chooseExtensions, ownSchemas, withoutPrepared } from './extensions.ts';

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

test('schemas of the dump that extensions are to be in are told from all else', () => {
  const wanted = [{ name: 'postgis_topology', schema: 'topology', version: null }];
  const { schemas, rest } = ownSchemas(contents, wanted);
  expect(schemas).toBe('8; 2615 16499 SCHEMA - topology postgres');
  expect(rest.split('\n')).toEqual(contents.split('\n').filter((line) => line !== schemas));
});

test.for([
  [['hstore', 'nosuch'], [{ name: 'hstore', schema: 'public', version: '1.4' }]],
  [
    ['citext', 'hstore'],
    [
      { name: 'citext', schema: null, version: null },
      { name: 'hstore', schema: 'public', version: '1.4' },
    ],
  ],
] as const)('of the allowed extensions %s, those that the dump has are wanted as it has them', ([allowed, wanted]) => {
  const extensions = new Map([
    ['hstore', 'public'],
    ['citext', null],
  ]);
  expect(chooseExtensions([...allowed], { extensions }, { hstore: '1.4' })).toEqual(wanted);
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
