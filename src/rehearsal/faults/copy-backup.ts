import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { backupSet } from '../../backup/backup-set.ts';
import { writeChecksum } from '../../backup/checksum.ts';
import { writeManifest } from '../../backup/manifest.ts';
import type { Profile } from '../../config/profile.ts';
import { dropDatabase } from '../../postgres/database.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Ownership } from '../../snapshot/facet.ts';
import type { Drill } from '../drill.ts';

/** What the source held, by what is compared of it. */
export type References = Partial<Record<Ownership, Snapshot>>;

/**
 * A drill with a copy of the original's backup, which may be damaged: dump, checksum and manifest. The database that it is
 * restored into goes away with it.
 */
export async function copyBackup(
  original: Drill,
  name: string,
  profile: Readonly<Profile>,
  references: References,
): Promise<Drill> {
  const snapshot = references[profile.ownership];
  if (snapshot === undefined) throw new Error(`There is no reference with ownership ${profile.ownership}.`);
  const server = original.need('server');
  const { file, sha256, sizeBytes } = original.need('dump');
  const copy = await original.fork(name, profile);
  await copy.use(`database ${name}`, {
    async [Symbol.asyncDispose]() {
      await dropDatabase(server.admin, name);
    },
  });
  const set = backupSet(join(copy.directory, basename(file)));
  await copyFile(file, set.dump, constants.COPYFILE_FICLONE);
  await writeChecksum(set.checksum, sha256, set.dump);
  await writeManifest(set.manifest, {
    schemaVersion: 1,
    database: profile.database.name,
    takenAt: new Date().toISOString(),
    sha256,
    bytes: sizeBytes,
    serverVersion: server.serverVersion,
    dumpVersion: server.tools['pg_dump'] ?? 'unknown',
    format: 'custom',
    ownership: profile.ownership,
    globals: null,
    snapshot,
  });
  copy.dump = { ...original.need('dump'), file: set.dump };
  return copy;
}
