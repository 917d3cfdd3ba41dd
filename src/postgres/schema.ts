import { redact } from '../process/redact.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import { lockTimeoutMs } from './source.ts';
import type { ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/**
 * The definitions of a database as SQL, in an exported snapshot that is still open.
 * @throws RehearsalError SCHEMA_NOT_READ with what pg_dump says
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
      `--lock-wait-timeout=${lockTimeoutMs}`,
      `--snapshot=${snapshotId}`,
      ...(ownership === 'runbook' ? ['--no-owner', '--no-privileges'] : []),
    ],
    ...target,
    ...limits,
  });
  if (exitCode === 0) return stdout;
  const reason = redact(stderr, [target.password]).trim();
  throw new RehearsalError('SCHEMA_NOT_READ', `The definitions of ${target.database} could not be read: ${reason}`);
}
