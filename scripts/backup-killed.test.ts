import { watch } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { findProcesses } from '../fixtures/testing/leftovers.ts';
import { endProcess } from '../fixtures/testing/processes.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { seededRandom } from '../fixtures/testing/random.ts';
import { listLeft, makePlace, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { untilHit } from '../fixtures/testing/until-hit.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { examineFiles } from '../src/backup/examine.ts';
import { listBackups } from '../src/backup/inventory.ts';
import { backupFormats } from '../src/backup/manifest.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { databaseUrl, type Connection } from '../src/postgres/connection.ts';

/** REHEARSAL_TEST_KILLS=30 npx vitest run --project tests scripts/backup-killed.test.ts */
const kills = Number(process.env['REHEARSAL_TEST_KILLS'] ?? (isLongRun ? 50 : 4));
const seed = Number(process.env['REHEARSAL_TEST_SEED'] ?? 2026);

describeEngine('local', `a backup that is killed (REHEARSAL_TEST_SEED=${seed})`, (engine) => {
  const server = useServer(engine);
  const measured = { durationMs: 0 };
  let owner: Connection;

  beforeAll(async () => {
    owner = { ...(await createTestDatabase(server())), ...(await server().openPort()) };
    // What does not compress well takes pg_dump its time.
    await withClient(owner, (client) =>
      client.query(`
        create table bookings (id serial primary key, note text);
        insert into bookings (note) select md5(i::text) || md5((-i)::text) from generate_series(1, 250000) as i`),
    );
  });

  test('is measured while it is not', async () => {
    const place = await makeUsedPlace('custom');
    const startedAt = performance.now();
    const { all, exitCode } = await backUp(place);
    measured.durationMs = performance.now() - startedAt;
    expect(exitCode, all).toBe(0);
    await expectWholeSets(place, 1);
  });

  test.for(planKills())(
    '$when, in the format $format, is never taken for one',
    async ({ format, moment, publishing }) => {
      const place = await untilHit(async (part) => {
        const used = await makeUsedPlace(format);
        const child = backUp(used);
        const due = publishing
          ? firstName(used).then(() => delay(part * moment * 4))
          : delay(part * moment * measured.durationMs);
        await Promise.race([child, due]);
        endProcess(child.pid ?? 0);
        const { signal } = await child;
        return signal === 'SIGKILL' ? used : null;
      });

      const before = await expectWholeSets(place);
      const { all, exitCode } = await backUp(place);
      expect(exitCode, all).toBe(0);
      expect(all).not.toContain('could not remove');
      await expectWholeSets(place, before + 1);
      expect((await readdir(place.directory)).filter((name) => name.startsWith('.'))).toEqual([]);
      expect(await listLeft(place.temporaryDirectory)).toEqual([]);
      expect(await findProcesses(place.temporaryDirectory)).toEqual([]);
    },
  );

  interface Place {
    config: string;
    directory: string;
    temporaryDirectory: string;
  }

  async function makeUsedPlace(format: string): Promise<Place> {
    const config = await makeProfile({
      database: { name: owner.database, owner: owner.user },
      backups: { directory: 'backups', format },
    });
    const directory = join(dirname(config), 'backups');
    await mkdir(directory, { mode: 0o700 });
    return { config, directory, temporaryDirectory: (await makePlace()).temporaryDirectory };
  }

  function backUp({ config, temporaryDirectory }: Place) {
    const env = { TMPDIR: temporaryDirectory, REHEARSAL_URL: databaseUrl(owner) };
    return startCommand('backup', ['--config', config], env);
  }

  /** Whoever looks for backups finds whole ones alone. Resolves with how many there are. */
  async function expectWholeSets({ directory }: Place, count?: number): Promise<number> {
    const stored = await listBackups(directory, owner.database);
    const backups = stored.filter(({ parts }) => parts.has('dump'));
    for (const { files, parts } of backups) {
      expect([...parts].toSorted()).toEqual(['checksum', 'dump', 'manifest']);
      expect(await examineFiles(files, await makeWorkspace())).toMatchObject({
        findings: [],
        manifest: { database: owner.database },
      });
    }
    if (count !== undefined) expect(backups).toHaveLength(count);
    return backups.length;
  }
});

/** Random moments of its course; and, as they are short, random moments of the milliseconds in which its files get their names. */
function planKills() {
  const random = seededRandom(seed);
  return Array.from({ length: kills }, (_, index) => {
    const moment = Number(random().toFixed(3));
    const publishing = index % 3 === 2;
    const when = publishing ? `${(moment * 4).toFixed(1)} ms after its first name` : `at ${moment} of its course`;
    return { moment, publishing, when, format: backupFormats[index % backupFormats.length] ?? 'custom' };
  });
}

/** Resolves when the first file of a backup has got its name. */
async function firstName({ directory }: { directory: string }): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(directory, (_, name) => {
      if (name?.startsWith('.') !== false) return;
      watcher.close();
      resolve();
    });
  });
}
