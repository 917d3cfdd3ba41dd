import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { copyStrategy } from '../postgres/copy-strategy.ts';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { backUp, dumpTo, openSource } from '../../fixtures/testing/live-source.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Profile } from '../config/profile.ts';
import type { SourceServer } from '../source/source-server.ts';
import type { ServedDatabase } from './served-database.ts';

/** What a new database has got of its own, and what people do with it. */
const changes = {
  'a schema public of the owner': 'alter schema public owner to owner',
  'a schema public that the owner made anew':
    'drop schema public cascade; set role owner; create schema public; reset role',
  'no schema public': 'drop schema public cascade',
  'a schema public that has another name and owner now':
    'alter schema public rename to old; alter schema old owner to owner',
  'another comment on the schema public': "comment on schema public is 'ours'",
  'no comment on the schema public': 'comment on schema public is null',
  'no rights on the schema public': 'revoke all on schema public from public',
  'no plpgsql': 'drop extension plpgsql',
  'plpgsql made anew': 'drop extension plpgsql; create extension plpgsql',
  'no comment on plpgsql': 'comment on extension plpgsql is null',
};

/** What takes a superuser to come back with its owner and privileges. */
const ofSuperuser = {
  'a schema public of a superuser': 'alter schema public owner to rehearsal_admin',
  'a schema public that a superuser made anew': 'drop schema public cascade; create schema public',
  'the same, for all': 'drop schema public cascade; create schema public; grant all on schema public to public',
  'no rights on plpgsql': 'revoke all on language plpgsql from public',
};

const ways: Record<string, Partial<Profile>> = {
  runbook: { ownership: 'runbook' },
  preserve: { ownership: 'preserve' },
  'preserve, as a superuser': { ownership: 'preserve', restoreAs: 'superuser' },
};

const ownershipOf = (way: string) => ways[way]?.ownership ?? 'runbook';

const harmless = [
  ...Object.entries(changes).flatMap(([name, sql]) => Object.keys(ways).map((way) => ({ name, sql, way }))),
  ...Object.entries(ofSuperuser).flatMap(([name, sql]) =>
    ['runbook', 'preserve, as a superuser'].map((way) => ({ name, sql, way })),
  ),
];

describe.skipIf(inject('skipped').local !== null)('what a new database has got of its own:', () => {
  const source = useServer('local');
  const target = useServer('local');
  let from: ServedDatabase;
  let served: ServedDatabase;

  beforeAll(async () => {
    from = await serveDrill(source(), {});
    served = await serveDrill(target(), {});
    await withClient(target().admin, (client) => client.query(`drop database ${served.asAdmin.database}`));
  });
  afterAll(async () => {
    await from.drill.run.dispose();
    await served.drill.run.dispose();
  });

  test.each(sampleOf(harmless, ({ way }) => way, 3))('$name is no loss ($way)', async ({ sql, way }) => {
    const live = await change(sql);
    expect(await rehearse(await backUp(live, served.drill.run.directory, ownershipOf(way)), way)).toEqual([]);
    for (const format of ['custom', 'plain']) {
      const file = join(served.drill.run.directory, `dump.${format}`);
      await dumpTo(file, live, `--format=${format}`);
      expect(await rehearse(file, way)).toEqual([]);
    }
  });

  test.each([
    [
      'another comment on plpgsql',
      "comment on extension plpgsql is 'ours'",
      'runbook',
      'BUILT_IN_CHANGE_MISSING comment on extension plpgsql',
    ],
    ['no rights on plpgsql', ofSuperuser['no rights on plpgsql'], 'preserve', 'ACL_MISSING LANGUAGE plpgsql'],
    [
      'a schema public of a superuser',
      ofSuperuser['a schema public of a superuser'],
      'preserve',
      'PERMISSION_DENIED rehearsal_admin',
    ],
    ['a former schema public', 'alter schema public rename to legacy', 'preserve', 'ACL_MISSING SCHEMA legacy'],
    [
      'one with privileges of its own',
      'alter schema public rename to legacy; grant usage on schema legacy to pg_monitor',
      'preserve',
      'ACL_CHANGED SCHEMA legacy',
    ],
  ])('%s is one', async (_, sql, way, finding) => {
    expect(await rehearse(await backUp(await change(sql), served.drill.run.directory, ownershipOf(way)), way)).toEqual([
      finding,
    ]);
  });

  /** The source, anew, with a change. */
  async function change(sql: string): Promise<SourceServer> {
    const { database } = from.asAdmin;
    await withClient(source().admin, async (client) => {
      await client.query(`drop database ${database}`);
      await client.query(`create database ${database} owner owner template template0 ${await copyStrategy(client)}`);
    });
    await withClient(from.asAdmin, (client) => client.query(`${sql}; ${table}`));
    return openSource(from);
  }

  async function rehearse(dump: string, way: string): Promise<string[]> {
    const { metas } = await rehearseBackup(served, dump, ways[way]);
    return metas.flatMap(({ contribution, error }) => [
      ...(contribution.findings ?? [])
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, object }) => `${rule} ${object}`),
      ...(error === null ? [] : [`${error.code} ${error.message}`]),
    ]);
  }
});

/** Something to be restored, in a schema that is there in any case. */
const table =
  'create schema salon authorization owner; create table salon.notes (id integer primary key); alter table salon.notes owner to owner; insert into salon.notes values (1)';
