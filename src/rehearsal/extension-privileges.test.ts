import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { takeBackup } from '../backup/take-backup.ts';
import type { Ownership } from '../snapshot/facet.ts';
import { databaseUrl } from '../postgres/connection.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import { readEnvironment } from '../system/environment.ts';
import type { ServedDatabase } from './served-database.ts';

/** One extension that nobody has rights on, and one on which some have: its view, a column of it, its schema. */
const schema = `
  create role ext_reports;
  create role ext_analysts;
  create schema tools authorization owner;
  create extension pg_buffercache schema tools;
  create extension pg_stat_statements schema tools;
  grant usage on schema tools to ext_reports;
  grant select on tools.pg_stat_statements to ext_reports with grant option;
  grant insert (query) on tools.pg_stat_statements to ext_analysts;
  create table notes (id integer primary key);
  alter table notes owner to owner;
  insert into notes values (1)`;

describe.skipIf(inject('skipped').local !== null)('privileges on members of extensions', () => {
  const source = useServer('local');
  let made: ServedDatabase;
  let live: SourceServer;

  beforeAll(async () => {
    made = await serveDrill(source(), { extensions: ['pg_buffercache', 'pg_stat_statements'] });
    await withClient(made.asAdmin, (client) => client.query(schema));
    const connection = { ...made.asAdmin, ...(await source().openPort()) };
    live = await openUrl(databaseUrl(connection), readEnvironment(), made.drill.run.directory);
  });
  afterAll(async () => {
    await withClient(made.asAdmin, (client) =>
      client.query('drop owned by ext_reports, ext_analysts cascade; drop role ext_reports, ext_analysts'),
    );
    await made.drill.run.dispose();
  });

  test.each(['custom', 'plain'])('come back as they were, by a dump in the format %s', async (format) => {
    const file = join(made.drill.run.directory, `dump.${format}`);
    const call = { tool: 'pg_dump' as const, args: [`--format=${format}`, `--file=${file}`], timeoutMs: 30_000 };
    expect(await live.runTool({ ...call, ...live.connection })).toMatchObject({ exitCode: 0 });
    const granted: unknown[] = [];
    expect(await rehearse(file, 'preserve', granted)).toEqual([]);
    expect(granted).toEqual(['ext_analysts INSERT (query) of postgres', 'ext_reports SELECT of postgres, may grant']);
  });

  test('are not compared where the runbook leaves them out', async () => {
    const ownership = 'runbook';
    const { set } = await takeBackup(live, {
      directory: join(made.drill.run.directory, ownership),
      ownership,
      format: 'custom',
      compression: undefined,
      viewsWithinMs: 30_000,
      limits: { timeoutMs: 30_000 },
    });
    expect(await rehearse(set.dump, ownership)).toEqual([]);
  });

  async function rehearse(dump: string, ownership: Ownership, granted: unknown[] = []): Promise<string[]> {
    const { metas } = await rehearseBackup(
      made,
      dump,
      { ownership },
      {
        inTheEnd: async ({ asAdmin }) => {
          const { rows } = await withClient(asAdmin, (client) => client.query<{ granted: string }>(grantedQuery));
          granted.push(...rows.map((row) => row.granted));
        },
      },
    );
    const findings = metas.flatMap(({ contribution, error }) => [
      ...(contribution.findings ?? []).filter(({ severity }) => severity === 'error'),
      ...(error === null ? [] : [{ rule: error.code, object: error.message }]),
    ]);
    return findings.map(({ rule, object }) => `${rule} ${object}`);
  }
});

const grantedQuery = `
  with items as (
    select '' as columns, (pg_catalog.aclexplode(relacl)).* from pg_catalog.pg_class where relname = 'pg_stat_statements'
    union all
    select pg_catalog.format(' (%s)', attname), (pg_catalog.aclexplode(attacl)).*
    from pg_catalog.pg_attribute
    where attrelid = 'tools.pg_stat_statements'::pg_catalog.regclass
  )
  select pg_catalog.format(
    '%s %s%s of %s%s',
    grantee::pg_catalog.regrole, privilege_type, columns, 'postgres', case when is_grantable then ', may grant' end
  ) as granted
  from items
  where grantee <> 0 and grantee <> grantor and grantor = 10
  order by 1`;
