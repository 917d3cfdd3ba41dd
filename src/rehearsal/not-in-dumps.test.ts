import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { takeBackup } from '../backup/take-backup.ts';
import type { Profile } from '../config/profile.ts';
import { databaseUrl } from '../postgres/connection.ts';
import { openUrl } from '../source/url-source.ts';
import { readEnvironment } from '../system/environment.ts';
import type { ServedDatabase } from './served-database.ts';

/** What a dump does not hold, or brings back otherwise. */
const schema = `
  create table parents (id integer primary key, name text);
  create table children (note text, name text, id integer not null);
  alter table children inherit parents;
  create table keyed (id integer primary key deferrable);
  alter table keyed disable trigger all;
  create extension hstore;
  create function added() returns integer language sql as 'select 1';
  alter extension hstore add function added();
  comment on function pg_catalog.now() is 'Own';
  create function pg_catalog.app_version() returns text language sql as $$ select '7' $$;
  create materialized view stale as select count(*) as n from parents;
  insert into parents values (1, 'one')`;

const tolerable = [
  'COLUMN_ORDER_CHANGED children',
  'SYSTEM_SCHEMA_OBJECT_MISSING function pg_catalog.app_version()',
  'EXTENSION_MEMBER_MISSING hstore: function public.added()',
  'BUILT_IN_CHANGE_MISSING comment on function pg_catalog.now()',
];

describe.skipIf(inject('skipped').local !== null)('what no dump holds', () => {
  const source = useServer('local');
  let made: ServedDatabase;
  let dump = '';

  beforeAll(async () => {
    made = await serveDrill(source(), {});
    await withClient(made.asAdmin, (client) => client.query(schema));
    const connection = { ...made.asAdmin, ...(await source().openPort()) };
    const { directory } = made.drill.run;
    await using live = await openUrl(databaseUrl(connection), readEnvironment(), directory);
    const { set } = await takeBackup(live, {
      directory: join(directory, 'backups'),
      ownership: 'runbook',
      format: 'custom',
      compression: undefined,
      viewsWithinMs: 30_000,
      limits: { timeoutMs: 30_000 },
    });
    ({ dump } = set);
  });
  afterAll(() => made.drill.run.dispose());

  test('is an error that names it, and what a restore computes anew a warning', async () => {
    expect(await rehearse({})).toEqual(
      [
        ...tolerable.map((each) => `${each} (error)`),
        'CONSTRAINT_STATE_CHANGED keyed keyed_pkey (error)',
        'MATERIALIZED_VIEW_STALE stale (warning)',
      ].toSorted(),
    );
  });

  test('is a warning where the profile tolerates it, but for what can be mended', async () => {
    const reason = 'a script brings it back';
    const tolerate = ['children', 'app_version', 'public.added', 'now()', 'keyed_pkey'].map((message) => ({
      message,
      reason,
    }));
    expect(await rehearse({ tolerate })).toEqual(
      [
        ...tolerable.map((each) => `${each} (warning)`),
        'CONSTRAINT_STATE_CHANGED keyed keyed_pkey (error)',
        'MATERIALIZED_VIEW_STALE stale (warning)',
      ].toSorted(),
    );
  });

  async function rehearse(changes: Partial<Profile>): Promise<string[]> {
    const profile = { extensions: ['hstore'], ...changes };
    const { metas } = await rehearseBackup(made, dump, profile);
    const findings = metas.flatMap(({ contribution }) => contribution.findings ?? []);
    return findings.map(({ rule, object, severity }) => `${rule} ${object} (${severity})`).toSorted();
  }
});
