import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeIncident, rowsBackedUp, writeProfile } from '../fixtures/testing/incidents.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { useObjectStore } from '../fixtures/testing/object-store.ts';
import { describeWithRclone } from '../fixtures/testing/offsite-places.ts';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { useServer } from '../fixtures/testing/servers.ts';

describeWithRclone('an incident where no backup is left here', () => {
  const makePlace = useObjectStore();

  describeEngine('local', 'is ended with the copy that is off-host', (engine) => {
    const server = useServer(engine);

    test('which is fetched, restored and switched to; none is left here', async () => {
      const place = await makePlace();
      const { live, taken, workspace, start, countNotes, others } = await makeIncident(server());
      const profile = join(workspace, 'profile.mjs');
      const backups = JSON.stringify({ directory: 'backups', offsite: place.at('there'), rcloneConfig: place.config });
      await writeFile(profile, writeProfile(live).replace(/\};\n$/, `,"backups":${backups}};\n`));
      expect(await startCommand('offsite', ['--config', profile])).toMatchObject({ exitCode: 0 });
      await rm(join(workspace, 'backups'), { recursive: true });

      const tooEarly = await start('--from-offsite', '--at', '2001-01-01');
      expect(tooEarly.exitCode).toBe(2);
      expect(tooEarly.all).toContain(`There is no whole backup of ${live.database} from before 2001-01-01`);

      const restored = await start('--from-offsite');
      expect(restored.all).toContain(`fetched ${basename(taken.set.dump)}`);
      const [, at = ''] = /let it take its place .* --from-offsite --at (\S+) .*--switch/.exec(restored.all) ?? [];
      expect(restored.exitCode).toBe(0);

      const switched = await start('--from-offsite', '--at', at, '--switch');
      expect(switched.all).toContain('was restored before');
      expect(switched.exitCode).toBe(0);
      expect(await countNotes()).toBe(rowsBackedUp);
      expect(await others()).toEqual([expect.stringContaining('_before_')]);
      for (const secret of place.secrets) expect(restored.all + switched.all).not.toContain(secret);
    });
  });
});
