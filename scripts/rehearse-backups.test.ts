import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { describeEngine, describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { useObjectStore } from '../fixtures/testing/object-store.ts';
import { describeWithRclone } from '../fixtures/testing/offsite-places.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { runRehearse, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { evidenceSchema } from '../src/evidence/schema.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { databaseUrl, type Connection } from '../src/postgres/connection.ts';

describe.skipIf(inject('skipped').local !== null)('where there is a live database', () => {
  const live = useServer('local');

  /** A live database, and a profile for it. */
  async function makeLive(changes: Record<string, unknown> = {}) {
    const owner: Connection = { ...(await createTestDatabase(live())), ...(await live().openPort()) };
    await withClient(owner, (client) =>
      client.query("create table notes (id serial primary key, text text); insert into notes (text) values ('canary')"),
    );
    const database = { name: owner.database, owner: owner.user };
    const profile = await makeProfile({ database, backups: { directory: 'backups' }, ...changes });
    const { password, ...rest } = owner;
    const url = databaseUrl({ ...rest, password: '' }).replace(':@', '@');
    return { owner, profile, url, password, backups: join(dirname(profile), 'backups') };
  }

  const backUp = ({ profile, url, password }: Awaited<ReturnType<typeof makeLive>>) =>
    startCommand('backup', ['--config', profile, '--url', url], { PGPASSWORD: password });

  describeEngine('local', 'the newest backup', (engine) => {
    test('is rehearsed after clean-state, with evidence of which bytes it was', async () => {
      const made = await makeLive();
      expect(await backUp(made)).toMatchObject({ exitCode: 0 });

      const result = await runRehearse({ engine, args: ['--config', made.profile] });

      expect(result.exitCode, result.output).toBe(0);
      const latest = JSON.parse(await readFile(join(result.reports, 'latest.json'), 'utf8')) as {
        rehearsals: { rehearsal: string; evidence: string }[];
      };
      expect(latest.rehearsals.map(({ rehearsal }) => rehearsal).toSorted()).toEqual(['clean-state', 'latest-backup']);
      const own = latest.rehearsals.find(({ rehearsal }) => rehearsal === 'latest-backup')?.evidence ?? '';
      const evidence = evidenceSchema.parse(JSON.parse(await readFile(join(result.reports, own), 'utf8')));
      const [checksum] = (await readdir(made.backups)).filter((name) => name.endsWith('.sha256'));
      const line = await readFile(join(made.backups, checksum ?? ''), 'utf8');
      expect(line).toBe(`${evidence.subject?.sha256 ?? ''}  ${evidence.subject?.file ?? ''}\n`);
      expect(evidence.counts).toEqual({ notes: { before: 1, after: 1, note: null } });
      expect(evidence.checks.filter(({ status }) => status === 'failed' || status === 'not-run')).toEqual([]);
      await expectNothingLeft(engine, result);
    });

    test('that is half written is passed over, an old one is stale, and where there is none, nothing is known', async () => {
      const made = await makeLive();
      const rehearse = () => runRehearse({ engine, args: ['latest-backup', '--config', made.profile] });
      await mkdir(made.backups);
      const none = await rehearse();
      expect(none.exitCode, none.output).toBe(2);
      expect(none.evidence?.steps[0]?.error).toMatchObject({ code: 'NO_BACKUP' });
      expect(none.evidence?.verdict).toBe('could-not-run');

      expect(await backUp(made)).toMatchObject({ exitCode: 0 });
      await makeOlder(made.backups, '20260101T030000Z');
      const half = join(made.backups, `${stem(made.owner)}_20260201T030000Z.manifest.json`);
      await writeFile(half, '{}');
      const { evidence, output, exitCode } = await rehearse();
      expect(exitCode, output).toBe(1);
      expect(evidence?.findings.map(({ rule }) => rule)).toEqual(['BACKUP_INCOMPLETE', 'BACKUP_STALE']);
      expect(evidence?.steps[0]?.facts).toMatchObject({
        candidates: 2,
        passedOver: `${stem(made.owner)}_20260201T030000Z (it has no dump)`,
      });
      // It is restored and compared all the same.
      expect(evidence?.counts).toEqual({ notes: { before: 1, after: 1, note: null } });
      expect(output).toContain('BACKUP_STALE');
    });

    test.each([
      [['--backup', 'a.dump', '--source', 'postgres://a@b/c'], '--backup and --source name different backups'],
      [['latest-backup', '--backup', 'no-such.dump'], 'There is no backup at'],
      [['latest-backup'], 'Nothing says where backups are'],
      [['--source', 'mysql://a@b/c'], 'does not start with postgres://'],
    ])('cannot be told by %j', async (args, message) => {
      const result = await runRehearse({ engine, args: [...args, '--config', await makeProfile({})] });
      expect(result.exitCode).toBe(2);
      expect(result.output).toContain(message);
      expect(result.temporary).toEqual([]);
    });
  });

  describeWithRclone('the copy that is off-host', () => {
    const makePlace = useObjectStore();

    test('is rehearsed when nothing else is left; damaged, or out of reach, it is not taken for one', async () => {
      const place = await makePlace();
      const made = await makeLive({
        backups: { directory: 'backups', offsite: place.at('there'), rcloneConfig: place.config },
      });
      expect(await backUp(made)).toMatchObject({ exitCode: 0 });
      expect(await startCommand('offsite', ['--config', made.profile])).toMatchObject({ exitCode: 0 });
      const [dump = ''] = (await readdir(made.backups)).filter((name) => name.endsWith('.dump'));
      await rm(made.backups, { recursive: true });
      const rehearse = () => runRehearse({ engine: 'local', args: ['--from-offsite', '--config', made.profile] });

      const whole = await rehearse();
      expect(whole.exitCode, whole.output).toBe(0);
      expect(whole.evidence).toMatchObject({ rehearsal: 'latest-backup', subject: { file: dump } });
      expect(whole.evidence?.steps[0]?.facts).toMatchObject({ from: place.at('there'), candidates: 1 });
      await expectNothingLeft('local', whole);

      const copy = place.pathOf(dump);
      const bytes = await readFile(copy);
      await writeFile(copy, bytes.fill(0xa5, bytes.length - 40, bytes.length - 20));
      const damaged = await rehearse();
      expect(damaged.exitCode, damaged.output).toBe(1);
      expect(damaged.evidence?.findings.map(({ rule }) => rule)).toEqual(['NO_BACKUP', 'OFFSITE_COPY_DAMAGED']);
      expect(damaged.temporary).toEqual([]);
      for (const secret of place.secrets) expect(whole.output + damaged.output).not.toContain(secret);
    });
  });

  describeEitherEngine('a live database', (engine) => {
    test('is rehearsed with --source, and only read', async () => {
      const made = await makeLive();
      const before = await contents(made.owner);
      const args = ['--source', made.url, '--config', made.profile];
      const result = await runRehearse({ engine, args, env: { PGPASSWORD: made.password } });
      expect(result.exitCode, result.output).toBe(0);
      expect(result.evidence?.rehearsal).toBe('latest-backup');
      expect(result.evidence?.counts).toEqual({ notes: { before: 1, after: 1, note: null } });
      expect(result.evidence?.steps[0]?.facts['from']).toContain(made.owner.database);
      expect(`${result.output}${JSON.stringify(result.evidence)}`).not.toMatch(new RegExp(`canary|${made.password}`));
      expect(await contents(made.owner)).toEqual(before);
      await expectNothingLeft(engine, result);
    });
  });
});

/** Everything that a dump says of a database, and its sequences, which a reader could advance. */
async function contents(owner: Connection) {
  return withClient(owner, async (client) => {
    const { rows } = await client.query('select *, (select last_value from notes_id_seq), xmin from notes');
    const { rows: tables } = await client.query<object>('select relname, relfilenode from pg_class where oid > 16384');
    return [...(rows as object[]), ...tables];
  });
}

function stem({ database }: Connection): string {
  return database;
}

/** Gives the one backup of a directory another time, in its name and its manifest. */
async function makeOlder(directory: string, stamp: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const older = join(directory, name.replace(/\d{8}T\d{6}Z/, stamp));
    await rename(join(directory, name), older);
    const text = await readFile(older, 'latin1');
    if (name.endsWith('.sha256')) await writeFile(older, text.replace(/\d{8}T\d{6}Z/, stamp));
    if (name.endsWith('.json'))
      await writeFile(older, text.replace(/"takenAt":"[^"]*"/, '"takenAt":"2026-01-01T03:00:00.000Z"'), 'latin1');
  }
}
