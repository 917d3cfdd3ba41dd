import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeSynced } from '../system/durable.ts';
import { setOf, type BackupSet } from './backup-set.ts';
import { readOffsiteDump, readOffsiteFacts } from './offsite-contents.ts';
import { listOffsite, missingParts, pathOf, type OffsiteBackup } from './offsite-inventory.ts';
import type { Rclone } from './rclone.ts';

/** What was fetched from the destination. */
export interface Fetched {
  /** The backup, whole and hashed; null where there is none. */
  set: BackupSet | null;
  /** Newer ones that were not taken, and why, in words. One that is damaged has all its files: it is not still being copied. */
  passedOver: { stem: string; takenAt: Date; reason: string; isDamaged: boolean }[];
}

/**
 * Fetches the newest whole backup of a database from the destination into a directory, and sees to it that its bytes are
 * those of its manifest. Nothing is left of those that are not whole. Throws what rclone's `list` throws, and errors of
 * the file system.
 * @param directory a private one, where no backup of this name is
 * @param report gets how many bytes of a dump have come, of how many
 */
export async function fetchNewestBackup(
  rclone: Rclone,
  database: string,
  directory: string,
  report?: (progress: { stem: string; fetchedBytes: number; totalBytes: number }) => void,
): Promise<Fetched> {
  const passedOver: Fetched['passedOver'] = [];
  for (const backup of await listOffsite(rclone, database)) {
    const { stem, takenAt } = backup;
    const set = setOf(join(directory, stem));
    const reason = await fetchBackup(rclone, backup, database, set, (fetchedBytes, totalBytes) =>
      report?.({ stem, fetchedBytes, totalBytes }),
    );
    if (reason === null) return { set, passedOver };
    for (const file of Object.values(set)) await rm(file, { recursive: true, force: true });
    passedOver.push({ stem, takenAt, reason, isDamaged: missingParts(backup).length === 0 });
  }
  return { set: null, passedOver };
}

/** @returns in words, why it is not a whole backup; null where it has been fetched */
async function fetchBackup(
  rclone: Rclone,
  backup: OffsiteBackup,
  database: string,
  set: BackupSet,
  report: (fetchedBytes: number, totalBytes: number) => void,
): Promise<string | null> {
  const facts = await readOffsiteFacts(rclone, backup, database);
  if ('problem' in facts) return facts.problem;
  const { manifest, manifestText, checksumText } = facts;
  let fetched = 0;
  const fetchFile = async (path: string) => {
    await using file = await open(join(dirname(set.dump), path), 'wx', 0o600);
    return await rclone.read(path, async (chunk) => {
      await file.writeFile(chunk);
      report((fetched += chunk.length), manifest.bytes);
    });
  };
  if (!backup.files.has(pathOf(backup, 'dump'))) await mkdir(set.dump, { mode: 0o700 });
  const sha256 = await readOffsiteDump(backup, fetchFile);
  if (sha256 !== manifest.sha256) return `the dump there has the SHA-256 ${sha256}, its manifest ${manifest.sha256}`;
  if (manifest.globals !== null) {
    if (!backup.files.has(pathOf(backup, 'globals'))) return 'its roles are missing there';
    const roles = await fetchFile(pathOf(backup, 'globals'));
    if (roles.sha256 !== manifest.globals.sha256) return 'its roles there are not those of its manifest';
  }
  await writeSynced(set.checksum, checksumText, 0o600);
  await writeSynced(set.manifest, manifestText, 0o600);
  return null;
}
