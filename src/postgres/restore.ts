import type { CommandResult } from '../process/run.ts';
import type { ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/** The runbook's options, and a stop at the first error: pg_restore would otherwise go on and still look busy. */
export const restoreOptions = ['--clean', '--if-exists', '--no-owner', '--no-privileges', '--exit-on-error'];

/**
 * Restores an archive in custom format into a database, fed through standard input as the runbook does.
 * @throws what running a tool throws; a status other than 0 is a result
 */
export async function restoreDatabase(
  runner: ToolRunner,
  target: ToolTarget,
  file: string,
  limits: ToolLimits,
): Promise<CommandResult> {
  const args = [...restoreOptions, `--dbname=${connectionString(target.database)}`];
  return runner.runTool({ tool: 'pg_restore', args, ...target, ...limits, stdinFile: file });
}

/** pg_restore takes a --dbname that holds `=` or looks like a URL for a connection string; quoted as one, any name is only a name. */
function connectionString(database: string): string {
  return `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
}
