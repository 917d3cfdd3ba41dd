import { restoreDatabase, restoreOptions } from '../../postgres/restore.ts';
import { toolLimits } from '../limits.ts';
import type { StepBody } from '../step.ts';
import { blameBackup, toolLog } from '../tool-failure.ts';

/** Restores the dump into the empty database, as the role that owns it. */
export const restore: StepBody = async (drill) => {
  const { file } = drill.need('dump');
  const result = await restoreDatabase(drill.need('server'), drill.database, file, toolLimits(drill));
  drill.mark('restored');
  const logs = { 'pg_restore.log': toolLog(result, drill) };
  const passed = result.exitCode === 0;
  const check = {
    id: 'restore-status',
    status: passed ? ('passed' as const) : ('failed' as const),
    reason: null,
    expected: 'pg_restore ends with status 0',
    actual: `status ${result.exitCode}`,
  };
  if (passed) {
    return {
      summary: `pg_restore ${restoreOptions.join(' ')}`,
      facts: { options: restoreOptions.join(' ') },
      checks: [check],
      logs,
    };
  }
  const finding = {
    rule: 'RESTORE_FAILED',
    severity: 'error' as const,
    object: drill.profile.database.name,
    message: `pg_restore stopped at its first error: ${blameBackup('pg_restore', logs['pg_restore.log'])}`,
    remedy:
      'Do not rely on this backup. The log of pg_restore is beside the evidence; mend its first error and rehearse again.',
  };
  return { checks: [check], findings: [finding], logs };
};
