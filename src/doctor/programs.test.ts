import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { examinePrograms } from './programs.ts';

test('programs for backups are reported with their version, and missing ones with what mends it', async () => {
  const path = await makeWorkspace({
    zstd: '#!/bin/sh\necho "*** zstd command line interface 64-bits v1.5.4 ***"\n',
    bzip2: '#!/bin/sh\necho "bzip2, a block-sorting file compressor.  Version 1.0.8" >&2\n',
  });
  for (const program of ['zstd', 'bzip2']) await chmod(join(path, program), 0o755);
  const missing = (name: string, needs: string, debian = name) => ({
    name,
    state: 'may-work',
    text: `not here; ${needs} need it`,
    remedy: `apt-get install ${debian}`,
  });
  expect(await examinePrograms(path)).toEqual([
    missing('rclone', 'copies off-host (offsite, --from-offsite)'),
    missing('gzip', 'dumps that are compressed with it'),
    { name: 'zstd', state: 'works', text: '1.5.4' },
    missing('xz', 'dumps that are compressed with it', 'xz-utils'),
    { name: 'bzip2', state: 'works', text: '1.0.8' },
    missing('lz4', 'dumps that are compressed with it'),
    missing('unzip', 'dumps that are in a zip archive'),
    missing('7z', 'dumps that are in a 7z archive', 'p7zip-full'),
    missing('tar', 'dumps that are in a tar archive'),
  ]);
});
