import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { examinePrograms } from './programs.ts';

test('programs for backups are reported with their version, and missing ones with what mends it', async () => {
  const path = await makeWorkspace({ zstd: '#!/bin/sh\necho "*** zstd command line interface 64-bits v1.5.4 ***"\n' });
  await chmod(join(path, 'zstd'), 0o755);
  expect(await examinePrograms(path)).toEqual([
    {
      name: 'rclone',
      state: 'may-work',
      text: 'not here; npm run offsite and --from-offsite need it',
      remedy: 'apt-get install rclone',
    },
    {
      name: 'gzip',
      state: 'may-work',
      text: 'not here; dumps that are compressed with it need it',
      remedy: 'apt-get install gzip',
    },
    { name: 'zstd', state: 'works', text: '1.5.4' },
  ]);
});
