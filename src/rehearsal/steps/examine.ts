import { count } from '../../terminal/count.ts';
import { basename } from 'node:path';
import { assertSameOwnership } from '../../backup/same-ownership.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import type { OpenDump } from '../../backup/format/backup-format.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import { examineBackup } from '../../restore/examine-backup.ts';
import type { Backup } from '../../restore/read-backup.ts';
import type { Expected } from '../expected.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody, StepResult } from '../step.ts';
import type { ChosenBackup } from './select-backup.ts';

/** A backup that nothing speaks against so far, and what it has to hold. */
export interface ExaminedBackup extends Backup {
  opened: OpenDump;
  expected: Expected;
}

/** Looks at the chosen backup before it is restored. What was chosen is what the evidence is about. */
export const examineChosen: StepBody<{ served: ServedDatabase; backup: ChosenBackup }, ExaminedBackup> = async (
  { stopwatch },
  { served, backup },
  say,
) => {
  const { set, examination, description, takenAt } = backup;
  if (examination.manifest === null) say('counting the rows that the dump holds');
  const result = await examine(served, backup, description.serverVersion ?? served.server.serverVersion);
  stopwatch.mark('examined');
  return {
    ...result,
    subject: {
      file: basename(set.dump),
      sha256: examination.sha256,
      bytes: examination.sizeBytes,
      takenAt: takenAt.toISOString(),
      format: backup.formatName,
      dumpVersion: description.dumpVersion ?? 'unknown',
    },
  };
};

/**
 * Looks at a backup before it is restored: its files, their checksum and manifest, and what the dump says of itself.
 * @param takenFrom version of the server that it was taken from; null where it is the one that it is restored into
 */
export async function examine(
  served: ServedDatabase,
  backup: Backup,
  takenFrom: string | null,
): Promise<StepResult<ExaminedBackup>> {
  const { profile } = served.drill;
  const { manifest, sha256, sizeBytes } = backup.examination;
  const opened = backup.format.open(backup.dump, served.reader);
  const { tables } = profile;
  const known = { database: profile.database.name, tables, serverVersion: served.server.serverVersion };
  const { findings, contents } = await examineBackup(backup, opened, known);
  if (manifest !== null) assertSameOwnership(profile, manifest);
  const expected = describeExpected(backup, contents, takenFrom);
  return {
    ...(expected && { made: { ...backup, opened, expected } }),
    summary: findings.length > 0 ? count(findings.length, 'finding') : `${sizeBytes} bytes, ${describeProof(contents)}`,
    facts: { bytes: sizeBytes, sha256, manifest: manifest !== null },
    checks: [check(findings.map(({ rule }) => rule))],
    findings: findings.map((finding): Finding => ({ ...finding, severity: 'error', object: known.database })),
  };
}

function describeExpected(
  { examination: { manifest } }: Backup,
  contents: DumpedContents | null,
  serverVersion: string | null,
): Expected | null {
  if (manifest !== null) return { by: 'manifest', snapshot: manifest.snapshot, serverVersion };
  return contents === null ? null : { by: 'dump', contents };
}

function describeProof(contents: DumpedContents | null): string {
  if (contents === null) return 'checksum and manifest fit';
  const { tables } = contents;
  const rows = [...tables.values()].reduce((sum, table) => sum + table.rows, 0);
  return `no manifest; it holds ${count(rows, 'row')} of ${count(tables.size, 'table')}`;
}

function check(rules: string[]): Check {
  return {
    id: 'backup-intact',
    status: rules.length === 0 ? 'passed' : 'failed',
    reason: null,
    expected: 'an archive of this database that the server can read, with the bytes of its checksum and its manifest',
    actual: rules.length === 0 ? 'it is' : rules.join(', '),
  };
}
