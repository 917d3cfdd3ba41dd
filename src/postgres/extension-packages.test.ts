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
  ['citus', 'postgresql-15-citus', 'citusdata/citus:postgres_15'],
  ['pg_net', '', 'supabase/postgres:15.8.1.085'],
  ['pg_wait_sampling', 'postgresql-15-pg-wait-sampling', undefined],
  ['pg_repack', 'postgresql-15-repack', undefined],
  ['age', 'postgresql-15-age', undefined],
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

  test('of different images are in one that has both, or in none', () => {
    expect(imagesWith(['postgis', 'vector'], 17)).toEqual(['timescale/timescaledb-ha:pg17']);
    expect(imagesWith(['postgis', 'pg_cron'], 17)).toEqual([]);
  });

  test.for([
    ['postgis', 18, 'postgis/postgis:18-3.6'],
    ['pgrouting', 18, 'pgrouting/pgrouting:18-3.6-4.0'],
    ['age', 17, 'apache/age:release_PG17_1.6.0'],
    ['age', 16, 'apache/age:release_PG16_1.6.0'],
  ] as const)('%s of %i is in %s', ([extension, major, image]) => {
    expect(imagesWith([extension], major)[0]).toBe(image);
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
