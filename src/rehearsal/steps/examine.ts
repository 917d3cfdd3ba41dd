import { backupSet } from '../../backup/backup-set.ts';
import { examineContents, examineFiles, type BackupProblem } from '../../backup/examine.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import { withoutRows } from '../../process/redact.ts';
import { readArchiveContents } from '../../postgres/archive-contents.ts';
import { listArchive } from '../../postgres/restore.ts';
import { classifyRestoreErrors } from '../../postgres/restore-errors.ts';
import type { Drill } from '../drill.ts';
import { toolLimits } from '../limits.ts';
import type { StepBody } from '../step.ts';
import { assertServerUp, toolLog } from '../tool-failure.ts';

/** Looks at a backup before it is restored: its files, their checksum and manifest, and what the archive says of itself. */
export const examineBackup: StepBody = async (drill) => {
  const { file } = drill.need('dump');
  const { problems, manifest, sha256, sizeBytes } = await examineFiles(backupSet(file));
  drill.expected = manifest?.snapshot ?? null;
  const all = [...problems, ...(problems.length > 0 ? [] : await examineArchive(drill, file))];
  return {
    summary: all.length > 0 ? `${all.length} problems` : `${sizeBytes} bytes, checksum and manifest fit`,
    facts: { bytes: sizeBytes, sha256 },
    checks: [check(all)],
    findings: all.map((problem): Finding => ({ ...problem, severity: 'error', object: drill.profile.database.name })),
  };
};

async function examineArchive(drill: Drill, file: string): Promise<BackupProblem[]> {
  const server = drill.need('server');
  const result = await listArchive(server, server.admin, file, toolLimits(drill));
  const errors = classifyRestoreErrors(result.stderr).map((error) => ({
    rule: error.rule,
    message: withoutRows(error.message),
    remedy: error.remedy,
  }));
  const contents = readArchiveContents(result.stdout);
  if (errors.length > 0 || result.exitCode !== 0 || contents === null) {
    const log = toolLog(result, drill);
    await assertServerUp(drill, 'pg_restore', log);
    return errors.length > 0 ? errors : [unlisted(log)];
  }
  return examineContents(contents, {
    database: drill.profile.database.name,
    serverVersion: server.serverVersion,
  });
}

function unlisted(log: string): BackupProblem {
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `pg_restore cannot list the archive: ${log.trim().split('\n').at(-1) ?? ''}`,
    remedy: 'See what the backup job wrote: this is no archive that pg_restore of this version knows.',
  };
}

function check(problems: BackupProblem[]): Check {
  return {
    id: 'backup-intact',
    status: problems.length === 0 ? 'passed' : 'failed',
    reason: null,
    expected: 'an archive of this database that the server can read, with the bytes of its checksum and its manifest',
    actual: problems.length === 0 ? 'it is' : problems.map(({ rule }) => rule).join(', '),
  };
}
