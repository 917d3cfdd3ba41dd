import { stat } from 'node:fs/promises';
import { chooseBackup } from '../backup/choose-backup.ts';
import { listBackups } from '../backup/inventory.ts';
import { readManifest } from '../backup/manifest.ts';
import { parseOrigin } from '../backup/origin/origin.ts';
import type { Profile } from '../config/profile.ts';
import { likelyDatabaseBytes } from '../restore/time-limit.ts';
import type { Size } from './make-plan.ts';

/** How large a database is, by its newest backup; null where that is not here, or does not say it. */
export async function sizeOf(
  { backups, database, sources }: Profile,
  directory: string,
  now: Date,
): Promise<Size | null> {
  if (sources.backup !== undefined) {
    const origin = parseOrigin(sources.backup, directory);
    return origin.kind === 'file' ? sizeOfDump(origin.file) : null;
  }
  if (backups === undefined || backups.pattern !== undefined) return null;
  const { chosen } = chooseBackup(await listBackups(backups.directory, database.name), now);
  if (chosen === null) return null;
  const manifest = chosen.parts.has('manifest') ? await readManifest(chosen.files.manifest) : null;
  const bytes = manifest === null || 'invalid' in manifest ? null : (manifest.databaseBytes ?? null);
  return bytes === null ? sizeOfDump(chosen.files.dump) : { bytes, by: 'the manifest of its newest backup' };
}

async function sizeOfDump(file: string): Promise<Size | null> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) return null;
  return { bytes: likelyDatabaseBytes({ sizeBytes: found.size, isPacked: true }), by: 'the size of its dump' };
}
