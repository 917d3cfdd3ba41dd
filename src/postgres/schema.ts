import { explainDumpError } from './dump-errors.ts';
import { lockTimeoutMs } from './source.ts';
import type { ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/**
 * The definitions of a database as SQL, in an exported snapshot that is still open.
 * @throws OperationalError with what pg_dump says: SCHEMA_NOT_READ where dump-failure.ts has no better name for it
 */
export async function dumpSchema(
  runner: ToolRunner<'pg_dump'>,
  target: ToolTarget,
  snapshotId: string,
  ownership: 'runbook' | 'preserve',
  limits: ToolLimits,
): Promise<string> {
  const { exitCode, stdout, stderr } = await runner.runTool({
    tool: 'pg_dump',
    args: [
      '--schema-only',
      `--lock-wait-timeout=${limits.lockTimeoutMs ?? lockTimeoutMs}`,
      `--snapshot=${snapshotId}`,
      ...(ownership === 'runbook' ? ['--no-owner', '--no-privileges'] : []),
    ],
    ...target,
    ...limits,
  });
  if (exitCode === 0) return stdout;
  const failed = `The definitions of ${target.database} could not be read`;
  throw explainDumpError(
    { stderr },
    { failed, secrets: [target.password], role: target.user, otherwise: 'SCHEMA_NOT_READ' },
  );
}
