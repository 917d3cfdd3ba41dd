import { expect, test } from 'vitest';
import { nextImage, pickImage } from './choose-image.ts';

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

test('where the image of a major is not here, the next newer one of the same name that is', () => {
  const images = ['postgres:18-alpine', 'postgres:17-alpine', 'postgres:16', 'other:16-alpine', 'none'];
  expect(nextImage('postgres:15-alpine', images, 15)).toBe('postgres:17-alpine');
  expect(nextImage('postgres:15', images, 15)).toBe('postgres:16');
  expect(nextImage('postgres:15-alpine', images, 18)).toBeNull();
  expect(nextImage('none', images, 15)).toBeNull();
});
