import { describe, expect, test } from 'vitest';
import { imagesWith, isContrib, packagesFor } from './extension-packages.ts';

test.for([
  ['postgis', 'postgresql-15-postgis-3 postgresql-15-postgis-3-scripts', 'postgis/postgis:15-3.5'],
  ['postgis_topology', 'postgresql-15-postgis-3 postgresql-15-postgis-3-scripts', 'postgis/postgis:15-3.5'],
  ['vector', 'postgresql-15-pgvector', 'pgvector/pgvector:pg15'],
  ['timescaledb', 'timescaledb-2-postgresql-15', 'timescale/timescaledb:latest-pg15'],
  ['pg_cron', 'postgresql-15-cron', undefined],
  ['pg_partman', 'postgresql-15-partman', undefined],
  ['hll', 'postgresql-15-hll', undefined],
  ['plpython3u', 'postgresql-plpython3-15', undefined],
  ['plpgsql_check', 'postgresql-15-plpgsql-check', undefined],
] as const)('%s is in %s', ([extension, packages, image]) => {
  expect(packagesFor([extension], 15).join(' ')).toBe(packages);
  expect(imagesWith([extension], 15)[0]).toBe(image);
});

test.for(['hstore', 'uuid-ossp', 'pg_trgm', 'plpgsql'])('%s is part of PostgreSQL', (extension) => {
  expect(isContrib(extension)).toBe(true);
});

describe('several extensions', () => {
  test('of one image are in it, with what PostgreSQL brings itself', () => {
    expect(imagesWith(['hstore', 'postgis', 'postgis_raster'], 17)[0]).toBe('postgis/postgis:17-3.5');
  });

  test('of different images are in none', () => {
    expect(imagesWith(['postgis', 'vector'], 17)).toEqual([]);
  });

  test('of one package name it once', () => {
    expect(packagesFor(['postgis', 'postgis_raster', 'vector'], 17)).toEqual([
      'postgresql-17-postgis-3',
      'postgresql-17-postgis-3-scripts',
      'postgresql-17-pgvector',
    ]);
  });
});

test('a hostile name adds nothing to a command', () => {
  expect(packagesFor(['x"; rm -rf $(id)\n'], 15)).toEqual(['postgresql-15-xrm-rfid']);
});
