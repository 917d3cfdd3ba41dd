import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { openBackup } from '../../fixtures/testing/dumps.ts';
import { mountSmallDisk, noSmallDisk } from '../../fixtures/testing/small-disk.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { namedBackupSet } from '../backup/named-backup-set.ts';
import type { Engine } from '../engine/engine.ts';
import { assertRoomFor, estimateRoom, scaleTime } from './room.ts';

describe('a restore takes', () => {
  test.for([
    ['what the manifest says of the database', { dumpBytes: 10, isPacked: true, databaseBytes: 1000 }, 2200, 500],
    ['six times what is packed', { dumpBytes: 1000, isPacked: true, databaseBytes: null }, 13_200, 1000],
    ['twice what is plain', { dumpBytes: 1000, isPacked: false, databaseBytes: null }, 4400, 1000],
    ['8 GB of WAL at most', { dumpBytes: 1, isPacked: true, databaseBytes: 100e9 }, 128e9, 50e9],
  ] as const)('%s', ([, sizes, likelyBytes, leastBytes]) => {
    expect(estimateRoom(sizes)).toMatchObject({ likelyBytes, leastBytes });
  });
});

test('a backup of twice the size takes twice as long, but for the start of the server', () => {
  const phases = { server: 1000, restore: 3000 };
  const rto = { targetMs: 1, measuredMs: 4000, met: true, phases };
  const rpo = { targetMs: 1, measuredMs: null, met: null, notApplicable: null };
  const subject = { file: '', sha256: '', bytes: 500, takenAt: '', format: '', dumpVersion: '' };
  expect(scaleTime({ subject, objectives: { rto, rpo } }, 1000)).toBe(7000);
  expect(scaleTime({ subject: null, objectives: { rto, rpo } }, 1000)).toBeNull();
});

describe.skipIf(noSmallDisk !== null)('a disk that is too small', () => {
  async function assertRoomOn(size: string, dumpBytes: number, taken: number | null = null) {
    const workspace = await makeWorkspace();
    const [disk, file] = [join(workspace, 'disk'), join(workspace, 'shop.sql')];
    await mountSmallDisk(disk, size);
    await writeFile(file, `--\n-- PostgreSQL database dump\n--\n${'-- a row\n'.repeat(dumpBytes / 9)}`);
    const backup = await openBackup(await namedBackupSet(file));
    const drill = await makeDrill({}, { disk: taken });
    const engine: Engine = {
      ...{ name: 'local', reason: '', start: () => Promise.reject(new Error('Nothing is started.')) },
      findDataDirectory: () => Promise.resolve(disk),
    };
    try {
      return await assertRoomFor(drill, engine, backup, () => undefined);
    } finally {
      await drill.run.dispose();
    }
  }

  test('ends a drill before anything is started, with figures and what helps', async () => {
    await expect(assertRoomOn('256k', 900_000)).rejects.toThrow(
      /takes about 4\.0 MB of the disk, and 900\.\d kB at least \(by the size of the dump\); in .*\/disk, .* 262\.1 kB are free\. Nothing was started\. .*TMPDIR/,
    );
  });

  test('is none where somebody knows that it takes less, and one where it takes more', async () => {
    expect(await assertRoomOn('256k', 900_000, 200_000)).toMatchObject({ needsBytes: 200_000, needsBy: '--disk' });
    await expect(assertRoomOn('256k', 9, 300_000)).rejects.toThrow(/300\.0 kB at least \(by --disk\)/);
  });

  test('is none where the dump fits', async () => {
    expect(await assertRoomOn('2m', 900_000)).toMatchObject({ freeBytes: 2_097_152, expectedMs: null });
  });
});
