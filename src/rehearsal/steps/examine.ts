import { basename } from 'node:path';
import type { BackupFinding } from '../../backup/backup-finding.ts';
import { backupSet, type BackupSet } from '../../backup/backup-set.ts';
import { examineContents, examineFiles } from '../../backup/examine.ts';
import type { Manifest } from '../../backup/manifest.ts';
import { assertSameOwnership } from '../../backup/same-ownership.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import { lastLine } from '../../system/last-line.ts';
import { withoutRows } from '../../system/without-rows.ts';
import type { CommandResult } from '../../system/run.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import { readArchiveContents } from '../../postgres/archive-contents.ts';
import { readArchivedContents } from '../../postgres/archived-contents.ts';
import type { PlainDump } from '../../postgres/plain-dump-reader.ts';
import { scanPlainDump, startsAsPlainDump } from '../../postgres/plain-dump.ts';
import { listArchive } from '../../postgres/restore.ts';
import { classifyRestoreErrors } from '../../postgres/restore-errors.ts';
import type { Drill } from '../drill.ts';
import { findMissingDefinitions } from '../dump-parts.ts';
import { toolLimits } from '../limits.ts';
import type { StepBody } from '../step.ts';
import { assertServerUp, toolLog } from '../tool-errors.ts';

/**
 * Looks at a backup before it is restored: its files, their checksum and manifest, and what the archive says of itself. Without
 * a manifest, the rows that the archive holds are counted: they are all that can be told of its source.
 */
export const examineBackup: StepBody = async (drill, say) => {
  const set = drill.backup?.set ?? backupSet(drill.need('dump').file);
  const examination = drill.backup?.examination ?? (await examineFiles(set, drill.directory));
  const { problems, manifest, sha256, sizeBytes } = examination;
  const { file, head, seal } = drill.backup?.dump ?? examination.dump;
  const dump = { file, head, seal };
  drill.dump = { ...dump, sha256, sizeBytes };
  drill.expected = manifest?.snapshot ?? null;
  const all = [...problems];
  if (all.length === 0) all.push(...(await examineArchive(drill, dump)));
  if (all.length === 0 && manifest === null) {
    say('counting the rows that the dump holds');
    all.push(...(await countContents(drill, dump)));
  }
  if (manifest !== null) assertSameOwnership(drill.profile, manifest);
  drill.mark('examined');
  return {
    summary: all.length > 0 ? `${all.length} problems` : `${sizeBytes} bytes, ${describeProof(drill, manifest)}`,
    facts: { bytes: sizeBytes, sha256, manifest: manifest !== null },
    ...subject(drill, set, { sha256, sizeBytes }),
    checks: [check(all)],
    findings: all.map((problem): Finding => ({ ...problem, severity: 'error', object: drill.profile.database.name })),
  };
};

function describeProof({ contents }: Drill, manifest: Manifest | null): string {
  if (manifest !== null) return 'checksum and manifest fit';
  const rows = [...(contents?.rows.values() ?? [])].reduce((sum, count) => sum + count, 0);
  return `no manifest; it holds ${rows} rows of ${contents?.rows.size ?? 0} tables`;
}

/** Only what was chosen is what the evidence is about: a copy that is damaged on purpose is not. */
function subject(
  { backup }: Drill,
  { dump }: BackupSet,
  { sha256, sizeBytes }: { sha256: string; sizeBytes: number },
): Pick<Contribution, 'subject'> {
  if (backup === null) return {};
  const { description, takenAt } = backup;
  return {
    subject: {
      file: basename(dump),
      sha256,
      bytes: sizeBytes,
      takenAt: takenAt.toISOString(),
      format: description.format ?? 'unknown',
      dumpVersion: description.dumpVersion ?? 'unknown',
    },
  };
}

async function examineArchive(drill: Drill, dump: DumpFile): Promise<BackupFinding[]> {
  const server = drill.need('server');
  const expected = { database: drill.profile.database.name, serverVersion: server.serverVersion };
  if (drill.backup !== null && startsAsPlainDump(dump.head)) {
    const scanned = await scanPlainDump(dump);
    drill.contents = scanned.contents;
    return [...cutProblems(scanned), ...examineContents(drill.backup.description, expected)];
  }
  const result = await listArchive(server, server.admin, dump, toolLimits(drill));
  const contents = readArchiveContents(result.stdout);
  const problems = await readProblems(drill, result);
  if (problems.length > 0) return problems;
  return contents === null ? [unlisted(toolLog(result, drill))] : examineContents(contents, expected);
}

/** What commands of psql stand in a dump is told when it would be restored; it is not read to its end. */
function cutProblems({ cut, metaCommands }: PlainDump): BackupFinding[] {
  return cut === null || metaCommands.length > 0 ? [] : [cutProblem('plain SQL dump', cut)];
}

function cutProblem(what: string, { line, reason }: NonNullable<PlainDump['cut']>): BackupFinding {
  return {
    rule: 'ARCHIVE_TRUNCATED',
    message: `The ${what} ends in line ${line}, ${reason}: it is not complete.`,
    remedy:
      'See whether pg_dump was ended before it was done, or its disk was full; otherwise copy the dump again from off-host storage, and compare sizes.',
  };
}

async function countContents(drill: Drill, dump: DumpFile): Promise<BackupFinding[]> {
  if (drill.contents !== null) return findMissingDefinitions(drill.contents);
  const server = drill.need('server');
  const { contents, cut, ...result } = await readArchivedContents(server, server.admin, dump, toolLimits(drill));
  drill.contents = contents;
  const problems = await readProblems(drill, result);
  if (problems.length > 0) return problems;
  return cut === null ? findMissingDefinitions(contents) : [cutProblem('data of the archive', cut)];
}

/** What pg_restore says against an archive that it only reads. */
async function readProblems(drill: Drill, result: CommandResult): Promise<BackupFinding[]> {
  const errors = classifyRestoreErrors(result.stderr).map(({ rule, message, remedy }) => ({
    rule,
    message: withoutRows(message),
    remedy,
  }));
  if (errors.length === 0 && result.exitCode === 0) return [];
  const log = toolLog(result, drill);
  await assertServerUp(drill, 'pg_restore', log);
  return errors.length > 0 ? errors : [unlisted(log)];
}

function unlisted(log: string): BackupFinding {
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `pg_restore cannot read the archive: ${lastLine(log)}`,
    remedy: 'See what the backup job wrote: this is no archive that pg_restore of this version knows.',
  };
}

function check(problems: BackupFinding[]): Check {
  return {
    id: 'backup-intact',
    status: problems.length === 0 ? 'passed' : 'failed',
    reason: null,
    expected: 'an archive of this database that the server can read, with the bytes of its checksum and its manifest',
    actual: problems.length === 0 ? 'it is' : problems.map(({ rule }) => rule).join(', '),
  };
}
