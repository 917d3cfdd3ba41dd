import { describe, expect, inject, test, type TestContext } from 'vitest';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { useTwoMajors } from '../fixtures/testing/other-major/programs.ts';
import { makeProfile, respond } from '../fixtures/testing/profiles.ts';
import { runRehearse, startCommand, type RehearseResult } from '../fixtures/testing/run-rehearse.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import type { EngineName } from '../src/config/profile.ts';
import { databaseUrl, type Connection } from '../src/postgres/connection.ts';

const { local, docker } = inject('skipped');
const skipped = local ?? docker;

const shop = `
  create extension hstore;
  create table orders (id serial primary key, note text not null, tags hstore);
  insert into orders (note, tags) values ('one', 'a=>1'), ('two', null);
  create view named as select id, note as name from orders where note <> 'x';
  create materialized view notes as select note, count(*) as n from orders group by note;
  create rule no_delete as on delete to named do instead nothing;
  create function total() returns bigint language sql as 'select count(*) from public.orders';
  alter default privileges revoke all on functions from public;
  create table rights (id integer primary key, given aclitem)`;

const refused = `
  create function unlink_it() returns boolean language plpgsql as $$ begin return pg_file_unlink('x'); end $$;
  create function checkpoints() returns bigint language sql as 'select checkpoints_timed from pg_stat_bgwriter'`;

describe.skipIf(skipped !== null)(`an upgrade${skipped === null ? '' : ` skipped: ${skipped}`}`, () => {
  const live = useServer('local');
  const majors = useTwoMajors();

  /** A backup of the older major, and a profile for it. */
  async function makeBackup(sql: string) {
    const owner: Connection = { ...(await createTestDatabase(live())), ...(await live().openPort()) };
    await withClient(owner, (client) => client.query(sql));
    const app = respond(
      "answer(async (url, query) => [200, { status: 'ok', n: (await query('select public.total() as n'))[0].n }])",
    );
    const profile = await makeProfile({
      database: { name: owner.database, owner: owner.user },
      backups: { directory: 'backups' },
      ...(sql === shop && { app: { ...app, health: { path: '/health', json: { status: 'ok', n: '2' } } } }),
    });
    const { password, ...rest } = owner;
    const url = databaseUrl({ ...rest, password: '' }).replace(':@', '@');
    const { exitCode, all } = await startCommand('backup', ['--config', profile, '--url', url], {
      PGPASSWORD: password,
    });
    expect(exitCode, all).toBe(0);
    return { profile };
  }

  function twoMajors({ skip }: TestContext) {
    const found = majors();
    if (found === null) return skip(`${inject('image')} is of no newer major than the programs of this machine`);
    return found;
  }

  async function rehearse(
    engine: EngineName,
    rehearsal: string,
    profile: string,
    more: { image?: string; env?: Record<string, string> },
  ) {
    const image = more.image === undefined ? [] : ['--image', more.image];
    const args = [rehearsal, '--config', profile, ...image];
    return runRehearse({ engine, args, ...(more.env && { env: more.env }) });
  }

  test('is ready on both engines, of a backup that rehearses in its own major, too', async (context) => {
    const { newer, older, newerFirst, images } = twoMajors(context);
    const { profile } = await makeBackup(shop);
    const inPlace = older.major < 16 && newer.major >= 16 ? ['UPGRADE_IN_PLACE_REFUSED'] : [];
    const expectReady = ({ exitCode, output, evidence }: RehearseResult) => {
      expect(exitCode, output).toBe(0);
      expect(output).toContain(`verdict   verified  ready for PostgreSQL ${newer.major}`);
      expect(evidence?.findings.map(({ rule }) => rule)).toEqual(inPlace);
      expect(evidence?.environment.serverVersion).toMatch(new RegExp(`^${newer.major}\\.`));
      expect(evidence?.environment.tools['pg_restore']).toMatch(new RegExp(`^${newer.major}\\.`));
      expect(evidence?.subject?.dumpVersion).toMatch(new RegExp(`^${older.major}\\.`));
      const notPassed = evidence?.checks.filter(({ status }) => status !== 'passed').map(({ id }) => id);
      expect(notPassed).toEqual(['roles-restored']);
    };

    const here = await rehearse('local', 'upgrade', profile, { env: newerFirst });
    expectReady(here);
    await expectNothingLeft('local', here);
    const contained = await rehearse('docker', 'upgrade', profile, { image: images.newer });
    expectReady(contained);
    await expectNothingLeft('docker', contained);
    const own = await rehearse('docker', 'latest-backup', profile, { image: images.older });
    expect(own.exitCode, own.output).toBe(0);
    expect(own.evidence?.environment.serverVersion).toMatch(new RegExp(`^${older.major}\\.`));
    // The newest here are those that it was taken with.
    const none = await rehearse('local', 'upgrade', profile, { env: { REHEARSAL_PG_BINDIR: older.directory } });
    expect(none.exitCode, none.output).toBe(2);
    expect(none.output).toMatch(/could-not-run \(NO_NEWER_MAJOR\)/);
    expect(none.output).toContain(`apt-get install postgresql-${older.major + 1}`);
  }, 400_000);

  test('is not ready, by name, where functions use what was removed', async (context) => {
    const { newer, newerFirst } = twoMajors(context);
    context.skip(newer.major < 17, 'what is used here was removed in 17');
    const { profile } = await makeBackup(refused);
    const result = await rehearse('local', 'upgrade', profile, { env: newerFirst });
    expect(result.exitCode, result.output).toBe(1);
    expect(result.output).toMatch(/not ready for PostgreSQL \d+: public\.checkpoints\(\), public\.unlink_it\(\)/);
    const rules = result.evidence?.findings.map(({ rule }) => rule);
    expect(rules).toEqual(['UPGRADE_FUNCTION_BROKEN', 'UPGRADE_FUNCTION_BROKEN']);
  });
});
