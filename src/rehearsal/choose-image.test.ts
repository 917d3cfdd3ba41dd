import { expect, test } from 'vitest';
import { pickImage } from './choose-image.ts';

const here = [
  'postgis/postgis:16-3.4',
  'postgis/postgis:17-3.4',
  'postgis/postgis:17-3.5-alpine',
  'localhost:5000/postgis/postgis:15-3.5',
  'pgvector/pgvector:pg17',
  'postgres:17',
  'apache/age:release_PG17_1.5.0',
  'citusdata/citus:17.0',
  'timescale/timescaledb-ha:pg18-ts2.25',
  'timescale/timescaledb-ha:pg16',
];

test.for([
  [['postgis'], 17, 'postgis/postgis:17-3.5-alpine'],
  [['postgis_raster', 'hstore'], 16, 'postgis/postgis:16-3.4'],
  [['vector'], 17, 'pgvector/pgvector:pg17'],
  [['postgis'], 15, null],
  [['postgis', 'vector'], 17, null],
  [['hstore'], 17, null],
  [['timescaledb'], 17, null],
  [['postgis', 'vector'], 18, 'timescale/timescaledb-ha:pg18-ts2.25'],
  [['age'], 17, 'apache/age:release_PG17_1.5.0'],
  [['citus'], 17, null],
] as const)('for %j of PostgreSQL %i, of the images that are here it takes %s', ([extensions, major, expected]) => {
  expect(pickImage(here, [...extensions], major)).toBe(expected);
});
