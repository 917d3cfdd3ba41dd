import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { backupSteps, rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import type { BackupSet } from '../backup/backup-set.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { readEnvironment } from '../system/environment.ts';
import { databaseUrl } from '../postgres/connection.ts';
import { dropDatabase } from '../postgres/database.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { takeSnapshot } from '../snapshot/take.ts';
import { openUrl } from '../source/url-source.ts';
import type { ServedDatabase } from './served-database.ts';
const limits = { timeoutMs: 30_000 };

describeEngine('local', 'a manifest of another release', (engine) => {
  const source = useServer(engine);
  const server = useServer(engine);
  let made: ServedDatabase;
  let original: ServedDatabase;
  let old: { set: BackupSet; snapshot: Omit<Snapshot, 'digestVersion' | 'denied'> };

  beforeAll(async () => {
    made = await serveDrill(source(), {});
    await withClient(made.asOwner, (client) =>
      client.query(`
        create table users (id int8 primary key, at timestamptz, note text, price numeric);
        insert into users values (1, '2026-02-09 09:48:03+00', 'one', 1.0), (2, null, '', 'NaN');
        select lo_from_bytea(0, 'large')`),
    );
    original = await serveDrill(server(), {});
    await dropDatabase(server().admin, 'source');
    const owner = { ...made.asOwner, ...(await source().openPort()) };
    await using live = await openUrl(databaseUrl(owner), readEnvironment(), original.drill.run.directory);
    const options = { format: 'custom', compression: undefined, ownership: 'runbook', limits } as const;
    const { set } = await takeBackup(live, { ...options, directory: join(original.drill.run.directory, 'backups') });
    const reading = { runner: live, ownership: 'runbook', digestVersion: 1, ...limits } as const;
    const { digestVersion, denied, ...snapshot } = await takeSnapshot(live.connection, reading);
    expect(digestVersion).toBe(1);
    expect(denied).toEqual(['SUBSCRIPTION', 'USER_MAPPING']);
    old = { set, snapshot };
  });
  afterAll(async () => {
    for (const { drill } of [made, original]) await drill.run.dispose();
  });

  test('of before is compared with the digests of that release, and a warning says what those do not see', async () => {
    const { rules, metas } = await rehearseWith(old.snapshot);
    expect(rules).toEqual(['DIGEST_OUTDATED (warning)']);
    expect(metas.at(-1)).toMatchObject({ status: 'passed' });
    expect(metas).toHaveLength(backupSteps);
  });

  test.each([
    [
      'a table',
      'CONTENT_MISMATCH',
      { tables: (all: Snapshot['tables']) => all.map((table) => ({ ...table, digest: zeros })) },
    ],
    [
      'large objects',
      'LARGE_OBJECT_CHANGED',
      { largeObjects: (all: Snapshot['largeObjects']) => ({ ...all, digest: zeros }) },
    ],
  ])('finds that %s differs', async (_, rule, { tables, largeObjects }: Changes) => {
    const { snapshot } = old;
    const changed = {
      ...snapshot,
      tables: tables?.(snapshot.tables) ?? snapshot.tables,
      largeObjects: largeObjects?.(snapshot.largeObjects) ?? snapshot.largeObjects,
    };
    expect((await rehearseWith(changed)).rules).toEqual([rule, 'DIGEST_OUTDATED (warning)']);
  });

  test('that is newer is compared as far as it is known here, and a warning names the rest', async () => {
    const state = { ...old.snapshot.state, STATISTICS: { users: '2 rows' } };
    const { rules, metas, contribution } = await rehearseWith({ ...old.snapshot, digestVersion: 2, state });
    // Its digests are in truth of the first version.
    expect(rules).toEqual(['CONTENT_MISMATCH', 'LARGE_OBJECT_CHANGED', 'MANIFEST_NEWER (warning)']);
    expect(metas).toHaveLength(backupSteps);
    expect(contribution('compare').coverage?.notChecked).toContainEqual({
      what: 'snapshot.state.STATISTICS',
      why: 'the manifest is of a newer release: this one does not know it',
    });
  });

  test('with digests that are not known here is not the backup’s fault', async () => {
    const { rules } = await rehearseWith({ ...old.snapshot, digestVersion: 3 });
    expect(rules).toEqual([
      expect.stringMatching(/^MANIFEST_TOO_NEW: .*its digests are of version 3: .*update restore-rehearsal here\.$/),
    ]);
  });

  test('of before, which does not say what was denied, is not said to be of an older release for it', async () => {
    const { metas, contribution } = await rehearseWith(old.snapshot);
    const notChecked = contribution('compare').coverage?.notChecked ?? [];
    expect(metas.at(-1)).toMatchObject({ status: 'passed' });
    expect(notChecked.filter(({ why }) => why.includes('release'))).toEqual([]);
    expect(notChecked).toContainEqual({
      what: 'subscriptions',
      why: 'the role that the database was read with may not see it: not a superuser, nor its owner',
    });
  });

  async function rehearseWith(snapshot: object) {
    const { set } = old;
    const manifest = JSON.parse(await readFile(set.manifest, 'utf8')) as Record<string, unknown>;
    await writeFile(set.manifest, JSON.stringify({ ...manifest, snapshot }));
    return rehearseBackup(original, set.dump);
  }
});

const zeros = '0'.repeat(32);

interface Changes {
  tables?: (all: Snapshot['tables']) => Snapshot['tables'];
  largeObjects?: (all: Snapshot['largeObjects']) => Snapshot['largeObjects'];
}
