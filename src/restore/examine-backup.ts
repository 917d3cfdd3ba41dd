import type { OpenDump } from '../backup/format/backup-format.ts';
import type { BackupFinding } from '../backup/format/backup-finding.ts';
import { withSplit } from '../backup/split-files.ts';
import { newestMajor, type DumpDescription } from '../backup/format/dump-description.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import { majorVersion } from '../postgres/version.ts';
import { findMissingDefinitions } from './dump-parts.ts';
import { findOtherDatabase, type ExpectedDatabase } from './other-database.ts';
import type { Backup } from './read-backup.ts';

/** What is known of a backup before it is restored. */
export interface BackupExamination {
  findings: BackupFinding[];
  /** What the dump holds by its own account, where there is no manifest to say what its source held. */
  contents: DumpedContents | null;
}

/**
 * Looks at a backup before it is restored: its files, their checksum and manifest, and what the dump says of itself. Without a
 * manifest, the rows that the dump holds are counted: they are all that can be said of its source.
 * @param expected the database that it should be of, and the server it goes to
 */
export async function examineBackup(
  { set, examination, description }: Pick<Backup, 'set' | 'examination' | 'description'>,
  dump: OpenDump,
  expected: ExpectedDatabase & { serverVersion: string },
): Promise<BackupExamination> {
  const { findings, contents } = await look({ examination, description }, dump, expected);
  return { findings: await withSplit(set.dump, findings), contents };
}

async function look(
  { examination: { findings, manifest }, description }: Pick<Backup, 'examination' | 'description'>,
  dump: OpenDump,
  expected: ExpectedDatabase & { serverVersion: string },
): Promise<BackupExamination> {
  if (findings.length > 0) return { findings, contents: null };
  // Tools of an older version cannot read the archive at all, and blame it.
  const tooNew = compareVersion(description, expected);
  if (tooNew.length > 0) return { findings: tooNew, contents: null };
  const examined = await dump.examine();
  const all = [...examined.findings, ...compareDescription(examined.description, expected)];
  if (all.length > 0 || manifest !== null) return { findings: all, contents: null };
  const contents = await dump.readContents();
  if (Array.isArray(contents)) return { findings: contents, contents: null };
  const undefinable = findMissingDefinitions(contents);
  if (undefinable.length > 0) return { findings: undefinable, contents };
  // The header of an archive has said it already.
  const isNamed = examined.description.database !== null;
  return { findings: isNamed ? [] : findOtherDatabase(contents, expected), contents };
}

/** Compares what a dump says of itself with the database that it should be of and the server it goes to. Pure. */
export function compareDescription(
  description: Pick<DumpDescription, 'database' | 'serverVersion' | 'dumpVersion'>,
  expected: { database: string; serverVersion: string },
): BackupFinding[] {
  const { database } = description;
  const ofDatabase =
    database === null || database === expected.database
      ? []
      : [
          {
            rule: 'BACKUP_OF_ANOTHER_DATABASE',
            message: `The dump is of the database ${database}, expected ${expected.database}.`,
            remedy: 'See which database the backup job dumps, and whether files were mixed up.',
          },
        ];
  return [...ofDatabase, ...compareVersion(description, expected)];
}

function compareVersion(
  { serverVersion, dumpVersion }: Pick<DumpDescription, 'serverVersion' | 'dumpVersion'>,
  expected: { serverVersion: string },
): BackupFinding[] {
  const newest = newestMajor({ serverVersion, dumpVersion });
  if (newest <= majorVersion(expected.serverVersion)) return [];
  return [
    {
      rule: 'SERVER_OLDER_THAN_BACKUP',
      message: `The dump was taken from PostgreSQL ${serverVersion ?? 'unknown'} with pg_dump ${dumpVersion ?? 'unknown'}, but is to be restored into ${expected.serverVersion}.`,
      remedy: `Take a server of version ${newest} or newer: name its image in the profile, or install it.`,
    },
  ];
}
