import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { backupSet, type BackupSet } from '../../backup/backup-set.ts';
import { writeChecksum } from '../../backup/checksum.ts';
import { writeManifest } from '../../backup/manifest.ts';
import type { Profile } from '../../config/profile.ts';
import { dropDatabase } from '../../postgres/database.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Ownership } from '../../snapshot/facet.ts';
import type { ApplicationUnderTest } from '../application-under-test.ts';
import type { Choices } from '../drill.ts';
import { RestoreSite } from '../restore-site.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { TakenDump } from '../steps/dump.ts';

/** What is copied: a dump of a source that does not change any more, and what the source holds, by what is compared of it. */
export interface Original {
  served: ServedDatabase;
  dump: TakenDump;
  references: Partial<Record<Ownership, Snapshot>>;
}

function askBoth(choices: Choices): Choices {
  return { ...choices, secondOracle: choices.secondOracle ?? true };
}

/** A copy of a backup, which may be damaged: dump, checksum and manifest. The database that it is restored into goes with it. */
export class BackupCopy implements AsyncDisposable {
  readonly set: BackupSet;
  readonly snapshot: Snapshot;
  /** Where it is restored. A damage may take another server. */
  served: ServedDatabase;
  /** One that a damage has started. */
  application: ApplicationUnderTest | null = null;
  readonly #name: string;

  private constructor(served: ServedDatabase, name: string, set: BackupSet, snapshot: Snapshot) {
    this.served = served;
    this.#name = name;
    this.set = set;
    this.snapshot = snapshot;
  }

  /** @param name of its directory, and of the database that it is restored into */
  static async make({ served, dump, references }: Original, name: string, profile: Readonly<Profile>) {
    const snapshot = references[profile.ownership];
    if (snapshot === undefined) throw new Error(`There is no reference with ownership ${profile.ownership}.`);
    const { server, drill } = served;
    const run = await drill.run.fork(name);
    await run.use(`database ${name}`, {
      async [Symbol.asyncDispose]() {
        await dropDatabase(server.admin, name);
      },
    });
    const set = backupSet(join(run.directory, basename(dump.file)));
    await copyFile(dump.file, set.dump, constants.COPYFILE_FICLONE);
    await writeChecksum(set.checksum, dump.sha256, set.dump);
    await writeManifest(set.manifest, {
      schemaVersion: 1,
      database: profile.database.name,
      takenAt: new Date().toISOString(),
      sha256: dump.sha256,
      bytes: dump.sizeBytes,
      serverVersion: server.serverVersion,
      dumpVersion: server.tools['pg_dump'] ?? 'unknown',
      format: 'custom',
      ownership: profile.ownership,
      globals: null,
      snapshot,
    });
    return new BackupCopy(
      served.of(drill.with({ run, profile, choices: askBoth(drill.choices) })),
      name,
      set,
      snapshot,
    );
  }

  get run() {
    return this.served.drill.run;
  }

  /** The database that it is restored into. */
  get site(): RestoreSite {
    return new RestoreSite(this.served, this.#name);
  }

  /** Sets a deadline for the tools that follow. */
  setToolTimeout(toolTimeoutMs: number): void {
    this.served = this.served.of(this.served.drill.with({ toolTimeoutMs }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.run[Symbol.asyncDispose]();
  }
}
