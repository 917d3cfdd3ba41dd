import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import type { ServedDatabase } from './served-database.ts';

/** What has no form of a drop that passes over a schema, a type or an access method that is not there, and all that has. */
const schema = `
  create schema shop;
  create type shop.mood as enum ('fine');
  create domain shop.amount as int;
  create table shop.customers (id serial primary key, name text, mood shop.mood, amount shop.amount);
  alter domain shop.amount add constraint positive check (value > 0) not valid;
  create view shop.totals as select c.*, pg_catalog.count(*) as many from shop.customers c group by c.id;
  create table people (id int primary key, mood shop.mood unique, boss int references people);
  create view by_key as select p.*, pg_catalog.count(*) from people p group by p.id;
  create function shop.double(shop.amount) returns int language sql as 'select 2 * $1';
  create aggregate shop.sums (int) (sfunc = pg_catalog.int4pl, stype = int);
  create operator shop.=== (function = pg_catalog.int4eq, leftarg = int, rightarg = int);
  create operator family shop.numbers using btree;
  create cast (shop.mood as int) with inout;
  create trigger again before update on people for each row execute function pg_catalog.suppress_redundant_updates_trigger();
  create rule nothing as on delete to people do instead nothing;
  create policy everybody on people using (true);
  alter table people enable row level security;
  create publication news for table people;
  create extension pg_trgm schema shop;
  create materialized view moods as select mood from people;
  create index on shop.customers using gist (name shop.gist_trgm_ops);
  comment on schema shop is 'all of it';
  insert into shop.customers (name, mood, amount) values ('Ann', 'fine', 1);
  insert into people values (1, 'fine', 1);
  select pg_catalog.lo_from_bytea(0, 'large')`;

const reason = /^\d+ errors are of the drop phase of --clean: in an empty database, what it drops is not there$/;

describeEitherEngine('a database that is empty before a restore with --clean', (engine) => {
  const server = useServer(engine);
  let made: ServedDatabase;

  beforeAll(async () => {
    made = await serveDrill(server(), {});
    await withClient(made.asAdmin, (client) => client.query(schema));
  });
  afterAll(() => made.drill.run.dispose());

  async function dump(options: string[]): Promise<string> {
    const file = join(await makeWorkspace(), 'source.dump');
    const limits = { timeoutMs: 30_000 };
    const { exitCode } = await dumpDatabase(server(), made.asAdmin, null, file, limits, { selection: options });
    expect(exitCode).toBe(0);
    return file;
  }

  async function rehearse(file: string, ownership: 'runbook' | 'preserve' = 'runbook') {
    const { metas } = await rehearseBackup(made, file, { restoreAs: 'superuser', ownership });
    const contributions = metas.map(({ contribution }) => contribution);
    const status = contributions.flatMap(({ checks = [] }) => checks).find(({ id }) => id === 'restore-status');
    const findings = contributions.flatMap((contribution) => contribution.findings ?? []);
    return {
      status,
      errors: findings.filter(({ severity }) => severity === 'error'),
      failed: metas.find(({ error }) => error !== null),
    };
  }

  test.for([
    ['an archive', []],
    ['an archive that was made with --clean', ['--clean']],
    ['plain SQL with --clean', ['--format=plain', '--clean']],
    ['plain SQL with --clean --if-exists', ['--format=plain', '--clean', '--if-exists']],
  ] as [string, string[]][])('loses nothing for want of what is dropped: %s', async ([, options]) => {
    const { status, errors, failed } = await rehearse(await dump(options));
    expect(failed?.error).toBeUndefined();
    expect(errors).toEqual([]);
    expect(status).toMatchObject({ status: 'passed', reason: expect.stringMatching(reason) as string });
  });

  describe('still shows', () => {
    test('a drop that fails for another reason', async () => {
      const file = await dump(['--format=plain', '--clean']);
      const text = 'SET statement_timeout = 0;\nDROP SCHEMA pg_catalog;\n';
      await writeFile(
        file,
        `--\n-- PostgreSQL database dump\n--\n\n${text}\n--\n-- PostgreSQL database dump complete\n--\n\n`,
      );
      const { status, errors } = await rehearse(file);
      expect(status?.status).toBe('failed');
      expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('cannot drop schema pg_catalog')]);
    });

    test.for([['--format=custom'], ['--format=plain', '--clean']])(
      'an error of what is created: %j',
      async (options) => {
        const name = 'no_such_role_of_dump';
        await withClient(made.asAdmin, (client) =>
          client.query(`create role ${name}; create policy for_one on people to ${name}`),
        );
        const file = await dump(options);
        await withClient(made.asAdmin, (client) => client.query(`drop policy for_one on people; drop role ${name}`));
        expect((await rehearse(file)).errors).toMatchObject([{ rule: 'ROLE_MISSING', object: name }]);
      },
    );
  });
});
