import { isNamesake, type BackupPart } from './backup-name.ts';
import { parseChecksum, sumUp, type FileHash, type NamedHash } from './checksum.ts';
import { assertNotNewer, parseManifest, type Manifest } from './manifest.ts';
import { dumpFiles, missingParts, pathOf, type OffsiteBackup } from './offsite-inventory.ts';
import type { Rclone } from './rclone.ts';

/** What the small files of a backup at the destination say. */
export interface OffsiteFacts {
  manifestText: string;
  checksumText: string;
  manifest: Manifest;
}

/** Larger than any manifest: what says it is one is not read into memory. */
const smallBytes = 64 * 1024 * 1024;

/**
 * Reads the small files of a backup at the destination.
 * @returns what they say; in words, why it cannot be a whole backup of this database
 * @throws OperationalError MANIFEST_TOO_NEW
 */
export async function readOffsiteFacts(
  rclone: Rclone,
  backup: OffsiteBackup,
  database: string,
): Promise<OffsiteFacts | { problem: string; isOfNamesake?: true }> {
  const missing = missingParts(backup);
  if (missing.length > 0) {
    // A copy that was cut off has only its dump so far, too.
    const byHand =
      dumpFiles(backup).length > 0 && missing.length === 2
        ? `: the copy was interrupted, or it is of a dump without a manifest, which --backup ${rclone.destination}/${pathOf(backup, 'dump')} takes`
        : '';
    return { problem: `${missing.join(' and ')} missing there${byHand}` };
  }
  const manifestText = await readText(rclone, backup, 'manifest');
  const manifest = parseManifest(manifestText);
  assertNotNewer(manifest, pathOf(backup, 'manifest'));
  if ('invalid' in manifest) return { problem: `its manifest there cannot be read (${manifest.invalid})` };
  const checksumText = await readText(rclone, backup, 'checksum');
  if (parseChecksum(checksumText) !== manifest.sha256) return { problem: 'checksum and manifest there do not fit' };
  if (manifest.database !== database) {
    const problem = `it is of the database ${manifest.database}`;
    return isNamesake(manifest.database, database) ? { problem, isOfNamesake: true } : { problem };
  }
  const dumpBytes = dumpFiles(backup).reduce((sum, path) => sum + (backup.files.get(path) ?? 0), 0);
  if (dumpBytes === manifest.bytes) return { manifestText, checksumText, manifest };
  return { problem: `the dump there has ${dumpBytes} bytes, its manifest says ${manifest.bytes}` };
}

/**
 * Reads the whole dump at the destination.
 * @param read reads a file there
 * @returns its SHA-256, as a manifest has it
 */
export async function readOffsiteDump(
  backup: OffsiteBackup,
  read: (path: string) => Promise<FileHash>,
): Promise<string> {
  const files: NamedHash[] = [];
  for (const name of dumpFiles(backup)) files.push({ name, ...(await read(name)) });
  return sumUp(files).sha256;
}

async function readText(rclone: Rclone, backup: OffsiteBackup, part: BackupPart): Promise<string> {
  const path = pathOf(backup, part);
  if ((backup.files.get(path) ?? 0) > smallBytes) return '';
  const chunks: Buffer[] = [];
  await rclone.read(path, (chunk) => {
    chunks.push(chunk);
    return Promise.resolve();
  });
  return Buffer.concat(chunks).toString();
}
