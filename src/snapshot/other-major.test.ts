import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { asDump } from '../../fixtures/testing/dumps.ts';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import { restoreDatabase } from '../postgres/restore.ts';
import { majorVersion } from '../postgres/version.ts';
import { takeSnapshot } from './take.ts';
import { elsewhere, findDifferences } from './weigh.ts';

const limits = { timeoutMs: 60_000 };
const { local, docker } = inject('skipped');

describe.skipIf(local !== null || docker !== null)('a database of another major version', () => {
  const source = useServer('local');
  const target = useServer('docker');

  test('has what no dump holds compared without a false alarm', async ({ skip }) => {
    const versions = [source().serverVersion, target().serverVersion] as const;
    skip(majorVersion(versions[0]) >= majorVersion(versions[1]), `${versions[0]} is not older than ${versions[1]}`);
    const from = await createTestDatabase(source());
    const admin = { ...source().admin, database: from.database };
    await withClient(admin, (client) =>
      client.query(`
        create extension hstore; create extension citext; create extension pg_trgm; create extension unaccent;
        create extension pgcrypto; create extension ltree; create extension intarray; create extension btree_gist;
        create table t (id integer primary key deferrable, tags hstore);
        create materialized view m as select count(*) as n from t;
        create function pg_catalog.app_version() returns text language sql as $$ select '7' $$;
        comment on function pg_catalog.now() is 'Own'`),
    );
    const directory = await mkdtemp(join(tmpdir(), 'restore-rehearsal-test-'));
    await chmod(directory, 0o711);
    const file = join(directory, 'older.dump');
    const options = { ...limits, ownership: 'runbook' } as const;
    const before = await takeSnapshot(admin, { ...options, runner: source() });
    expect(await dumpDatabase(source(), admin, null, file, limits)).toMatchObject({ exitCode: 0 });
    const to = await createTestDatabase(target());
    const asAdmin = { ...target().admin, database: to.database };
    expect(await restoreDatabase(target(), asAdmin, await asDump(file), limits)).toMatchObject({ exitCode: 0 });
    const after = await takeSnapshot(asAdmin, { ...options, runner: target() });
    await rm(directory, { recursive: true });
    const found = findDifferences(before, after, elsewhere(...versions));
    const ofDump = ['SYSTEM_SCHEMA_OBJECT', 'EXTENSION_MEMBER', 'BUILT_IN_CHANGE', 'COLUMN_ORDER', 'CONSTRAINT_STATE'];
    expect(
      found
        .filter(({ rule, severity }) => severity === 'error' || ofDump.some((id) => rule.startsWith(id)))
        .map(({ rule, object }) => `${rule} ${object}`),
    ).toEqual([
      'SYSTEM_SCHEMA_OBJECT_MISSING function pg_catalog.app_version()',
      'BUILT_IN_CHANGE_MISSING comment on function pg_catalog.now()',
    ]);
  });
});
