import { chmod } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { imageMajor } from '../postgres/image-major.ts';
import { detectEngine, imageOfMajor } from './detect.ts';
import { choosePrograms, findLocalPrograms, type LocalPrograms } from './local-programs.ts';

const { signal } = new AbortController();

test.for([
  ['postgres:16-alpine', 16],
  ['postgres:17.2', 17],
  ['postgres', null],
  ['postgres:latest', null],
  ['registry.example:5000/postgres', null],
  ['registry.example:5000/postgis/postgis:15-3.4', 15],
  ['timescale/timescaledb:2.17-pg16', 16],
  ['pgvector/pgvector:pg17', 17],
  ['apache/age:release_PG17_1.6.0', 17],
  ['citusdata/citus:postgres_16', 16],
  ['citusdata/citus:14.0.0-pg17', 17],
  ['citusdata/citus:12.1', null],
  ['registry.example:5000/citusdata/citus:12.1', null],
  ['paradedb/paradedb:0.15.18', null],
  ['supabase/postgres:15.8.1.085', 15],
  ['postgres:17-alpine@sha256:16aa', 17],
] as const)('the image %s means the major %s', ([image, major]) => {
  expect(imageMajor(image)).toBe(major);
});

test.for([
  ['postgres:16-alpine', 17, 'postgres:17-alpine'],
  ['postgres:16.4-bookworm', 15, 'postgres:15-bookworm'],
  ['postgres:16', 16, 'postgres:16'],
  ['postgres', 17, 'postgres'],
  ['registry.example:5000/postgis/postgis:15-3.4', 16, 'registry.example:5000/postgis/postgis:16-3.4'],
  ['timescale/timescaledb:2.17-pg16', 17, 'timescale/timescaledb:2.17-pg17'],
  ['citusdata/citus:12.1', 16, 'citusdata/citus:12.1'],
  ['citusdata/citus:postgres_16', 17, 'citusdata/citus:postgres_17'],
] as const)('%s of the major %i is %s', ([image, major, other]) => {
  expect(imageOfMajor(image, major)).toBe(other);
});

describe('of several installations', () => {
  const at = (version: string): LocalPrograms => ({
    directory: `/${version}`,
    version,
    major: Number.parseInt(version),
  });
  const found = [at('15.18'), at('9.6'), at('17.1'), at('16.4')];

  test.for([
    [15, '15.18'],
    [16, '16.4'],
    [14, '17.1'],
    [null, '17.1'],
  ] as const)('for the major %s, %s is taken', ([wanted, version]) => {
    expect(choosePrograms(found, wanted)?.version).toBe(version);
  });

  test('none is taken where there is none', () => {
    expect(choosePrograms([], 16)).toBeUndefined();
  });
});

test('a directory that lacks one of the programs, or whose server is too old, is no installation', async () => {
  const { path } = readEnvironment();
  const fake = (version: string) => `#!/bin/sh\necho "postgres (PostgreSQL) ${version}"\n`;
  const programs = (version: string) =>
    Object.fromEntries(['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'].map((name) => [name, fake(version)]));
  const complete = await makeExecutable(programs('16.4 (Debian 16.4-1)'));
  expect(await findLocalPrograms(complete, path)).toEqual([{ directory: complete, major: 16, version: '16.4' }]);
  expect(await findLocalPrograms(await makeExecutable(programs('13.9')), path)).toEqual([]);
  const incomplete = Object.entries(programs('16.4')).filter(([name]) => name !== 'psql');
  expect(await findLocalPrograms(await makeExecutable(Object.fromEntries(incomplete)), path)).toEqual([]);
});

test('without any engine, the error has every reason and what mends it', async () => {
  const environment = { ...readEnvironment(), postgresBinDirectory: '/nonexistent' };
  const detecting = detectEngine({ engine: 'local', image: 'postgres:16' }, environment, signal);
  await expect(detecting).rejects.toMatchObject({
    code: 'NO_ENGINE',
    message: expect.stringMatching(
      /REHEARSAL_PG_BINDIR \(\/nonexistent\)[^]*To mend it: apt-get install postgresql/,
    ) as string,
  });
});

async function makeExecutable(files: Record<string, string>): Promise<string> {
  const directory = await makeWorkspace(files);
  await Promise.all(Object.keys(files).map((name) => chmod(`${directory}/${name}`, 0o755)));
  return directory;
}
