import { basename, dirname, join } from 'node:path';
import { backupParts, type BackupPart } from './backup-name.ts';

/**
 * The files of one backup, side by side: the dump (a directory, for `pg_dump -Fd`), what is known of it (manifest.ts), its
 * checksum for `sha256sum --check` (checksum.ts), the roles where they are kept, and the receipt of its copy off-host
 * (receipt.ts).
 */
export type BackupSet = Record<BackupPart, string>;

/** The set that a dump belongs to: `NAME.dump` has `NAME.manifest.json`, `NAME.sha256` and so on. Pure. */
export function backupSet(dump: string): BackupSet {
  const stem = join(dirname(dump), basename(dump).replace(/\.dump$/, ''));
  return { ...setOf(stem), dump };
}

/** The set whose files have this path in common. Pure. */
export function setOf(stem: string): BackupSet {
  const entries = Object.entries(backupParts).map(([part, suffix]) => [part, `${stem}${suffix}`]);
  return Object.fromEntries(entries) as BackupSet;
}
