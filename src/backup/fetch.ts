import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeSynced } from '../system/durable.ts';
import { setOf, type BackupSet } from './backup-set.ts';
import { readOffsiteDump, readOffsiteFacts } from './offsite-contents.ts';
import { listOffsite, missingParts, pathOf, type OffsiteBackup } from './offsite-inventory.ts';
import type { Rclone } from './rclone.ts';
import { asMisconfigured, isUndecryptable, unlessUndecryptable } from './undecryptable.ts';

/** What was fetched from the destination. */
export interface Fetched {
  /** The backup, whole and hashed; null where there is none. */
  set: BackupSet | null;
  /** Newer ones that were not taken, and why, in words. One that is damaged has all its files: it is not still being copied. */
  passedOver: { stem: string; takenAt: Date; reason: string; isDamaged: boolean }[];
}

export interface FetchOptions {
  report?: (progress: { stem: string; fetchedBytes: number; totalBytes: number }) => void;
  before?: Date | null;
}

/**
 * Fetches the newest whole backup of a database from the destination into a directory, and sees to it that its bytes are
 * those of its manifest. Nothing is left of those that are not whole. Throws what rclone's `list` throws, and errors of
 * the file system.
 * @param directory a private one, where no backup of this name is
 * @param options.report gets how many bytes of a dump have come, of how many
 * @param options.before takes none that is newer
 */
export async function fetchNewestBackup(
  rclone: Rclone,
  database: string,
  directory: string,
  { report, before = null }: FetchOptions = {},
): Promise<Fetched> {
  const passedOver: Fetched['passedOver'] = [];
  const noting = noteReading(rclone);
  let undecryptable: unknown = null;
  for (const backup of await listOffsite(rclone, database)) {
    const { stem, takenAt } = backup;
    if (before !== null && takenAt > before) continue;
    const set = setOf(join(directory, stem));
    const attempt = () =>
      fetchBackup(noting, backup, database, set, (fetchedBytes, totalBytes) =>
        report?.({ stem, fetchedBytes, totalBytes }),
      );
    const reason = await attempt().catch(async (error: unknown) => {
      if (!isUndecryptable(error)) throw error;
      // It may have been the connection, once.
      await removeFetched(set);
      return attempt().catch(async (again: unknown) => {
        undecryptable = again;
        return explainUndecryptable(again, noting, backup);
      });
    });
    if (reason === null) return { set, passedOver };
    await removeFetched(set);
    if (reason === ofNamesake) continue;
    passedOver.push({ stem, takenAt, reason, isDamaged: missingParts(backup).length === 0 });
  }
  // Where nothing at all can be decrypted, that says nothing against the copies.
  if (undecryptable !== null && !noting.hasRead) throw asMisconfigured(undecryptable);
  return { set: null, passedOver };
}

async function removeFetched(set: BackupSet): Promise<void> {
  for (const file of Object.values(set)) await rm(file, { recursive: true, force: true });
}

const ofNamesake = Symbol('of a database whose name is the same in the names of files');

/** Notes whether anything has been read whole. */
function noteReading(rclone: Rclone): Rclone & { hasRead: boolean } {
  const noting = {
    ...rclone,
    hasRead: false,
    async read(...args: Parameters<Rclone['read']>) {
      const hash = await rclone.read(...args);
      noting.hasRead = true;
      return hash;
    },
  };
  return noting;
}

/** A file of a copy that cannot be decrypted has changed, if others can: at least one more of them is tried. */
async function explainUndecryptable(error: unknown, rclone: Rclone, backup: OffsiteBackup): Promise<string> {
  if (!isUndecryptable(error)) throw error;
  await unlessUndecryptable(rclone.read(pathOf(backup, 'checksum')), null);
  return `it cannot be decrypted, so bytes of it have changed (${error.message})`;
}

/** @returns in words, why it is not a whole backup; null where it has been fetched */
async function fetchBackup(
  rclone: Rclone,
  backup: OffsiteBackup,
  database: string,
  set: BackupSet,
  report: (fetchedBytes: number, totalBytes: number) => void,
): Promise<string | typeof ofNamesake | null> {
  const facts = await readOffsiteFacts(rclone, backup, database);
  if ('problem' in facts) return facts.isOfNamesake === true ? ofNamesake : facts.problem;
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
