import type { DumpFile } from '../../postgres/archive-input.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { dumpRoles } from '../roles.ts';
import type { ServedDatabase } from '../served-database.ts';
import { whileShown } from '../show-progress.ts';
import type { StepBody } from '../step.ts';
import { assertServerUp, firstError, toolLog } from '../../postgres/tool-errors.ts';
import { fastest, startDump, type CapturedReference } from './dump-under-way.ts';

/** A dump that has just been taken, and what its bytes are. */
export interface TakenDump extends DumpFile {
  /** What it was taken from. */
  source: Pick<Snapshot, 'state' | 'tables'>;
  sha256: string;
  sizeBytes: number;
}

const fasterDump = { name: 'pg_dump --compress', here: fastest, production: 'as pg_dump has it' };

/** Dumps the database in the reference's snapshot, as the role that owns it, or waits for the dump that has begun. */
export const takeDump: StepBody<{ served: ServedDatabase; reference: CapturedReference }, TakenDump> = async (
  drill,
  { served, reference },
  say,
) => {
  const { database, backups } = drill.profile;
  const { name } = database;
  const { server } = served;
  const { snapshot, takenAt } = reference;
  const dumping = reference.dumping ?? (await drill.run.use('dump', startDump(served, reference)));
  const { file, path, compression } = dumping;
  const result = await whileShown(say, { server, database: name }, { snapshot }, ({ onBytes }) => {
    dumping.observe(onBytes);
    return dumping.result;
  });
  await reference.rereadSequences();
  const logs = { 'pg_dump.log': toolLog(result, drill.run) };
  const passed = result.exitCode === 0 && result.sizeBytes > 0;
  const check = {
    id: 'dump-not-empty',
    status: passed ? ('passed' as const) : ('failed' as const),
    reason: null,
    expected: 'pg_dump ends with status 0 and more than 0 bytes',
    actual: `status ${result.exitCode}, ${result.sizeBytes} bytes`,
  };
  if (!passed) {
    await assertServerUp(served.ofTools, 'pg_dump', logs['pg_dump.log']);
    const finding = {
      rule: 'DUMP_FAILED',
      severity: 'error' as const,
      object: name,
      message: `pg_dump failed: ${firstError(logs['pg_dump.log'])}`,
      remedy: 'Make the command of the nightly backup work by hand; the log of pg_dump is beside the evidence.',
    };
    return { checks: [check], findings: [finding], logs };
  }
  const { head, seal, sha256, sizeBytes } = result;
  const roles = await dumpRoles(served);
  return {
    made: { file: path, head, seal, sha256, sizeBytes, source: reference.snapshot },
    summary: `${result.sizeBytes} bytes, SHA-256 ${result.sha256.slice(0, 12)}…${reference.dumping ? ', begun beside the reference' : ''}`,
    facts: {
      bytes: result.sizeBytes,
      sha256: result.sha256,
      compression: compression ?? 'of pg_dump',
      pgDumpMs: Math.round(result.durationMs),
    },
    ...(compression !== null &&
      backups?.compression === undefined && { environment: { unlikeProduction: [fasterDump] } }),
    subject: {
      file,
      sha256: result.sha256,
      bytes: result.sizeBytes,
      takenAt: takenAt.toISOString(),
      format: 'custom',
      dumpVersion: server.tools['pg_dump'] ?? 'unknown',
    },
    checks: [check, ...(roles.checks ?? [])],
    findings: roles.findings ?? [],
    logs: { ...logs, ...roles.logs },
  };
};
