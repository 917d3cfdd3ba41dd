import { basename, dirname, join } from 'node:path';

/** The files of one backup: the dump, what is known of it, and its checksum. They stand side by side. */
export interface BackupSet {
  dump: string;
  /** JSON; see manifest.ts. */
  manifest: string;
  /** For `sha256sum --check`; see checksum.ts. */
  checksum: string;
}

/** The set that a dump belongs to: `NAME.dump` has `NAME.manifest.json` and `NAME.sha256`. Pure. */
export function backupSet(dump: string): BackupSet {
  const stem = join(dirname(dump), basename(dump).replace(/\.dump$/, ''));
  return { dump, manifest: `${stem}.manifest.json`, checksum: `${stem}.sha256` };
}
