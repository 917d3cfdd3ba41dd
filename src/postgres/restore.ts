import type { CommandResult } from '../process/run.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import { archiveInput, type DumpFile } from './archive-input.ts';
import type { DisposableTools } from './disposable.ts';
import { assertMayRestore, type RecoveryTools } from './recovery-tools.ts';
import type { ToolCall, ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/** How a restore is done. */
export interface RestoreOptions {
  /** `runbook` leaves owners and privileges out, as the runbook does. */
  ownership: 'runbook' | 'preserve';
  /** Go on after an error, where some errors are tolerated. Otherwise pg_restore stops at the first. */
  goOn: boolean;
  /** The part of the archive's table of contents that is restored, as `pg_restore --list` writes it. All of it if absent. */
  useList?: string;
  /** Restore as this role, of which whoever logs in is a member or the superuser: what is created belongs to it. */
  role?: string;
  /** Is told how many bytes of the archive have been read so far; not of a directory, which pg_restore reads itself. */
  onProgress?: (sizeBytes: number) => void;
}

/** The options of pg_restore for a kind of restore, as they are shown in the evidence. Pure. */
export function restoreFlags({ ownership, goOn, role }: RestoreOptions): string[] {
  return [
    '--clean',
    '--if-exists',
    ...(ownership === 'runbook' ? ['--no-owner', '--no-privileges'] : []),
    ...(role === undefined ? [] : [`--role=${role}`]),
    ...(goOn ? [] : ['--exit-on-error']),
  ];
}

/**
 * Restores an archive in custom, directory or tar format into a database.
 * @throws what running a tool throws; a status other than 0 is a result
 */
export async function restoreDatabase(
  runner: DisposableTools | RecoveryTools,
  target: ToolTarget,
  dump: DumpFile,
  limits: ToolLimits,
  options: RestoreOptions = { ownership: 'runbook', goOn: false },
): Promise<CommandResult> {
  const { useList, onProgress } = options;
  assertMayRestore(runner, target);
  const input = archiveInput(dump);
  const { editStdin } = input;
  return readArchive(runner, {
    tool: 'pg_restore',
    args: [...restoreFlags(options), `--dbname=${connectionString(target.database)}`],
    ...target,
    ...limits,
    ...input,
    ...(onProgress && editStdin && { editStdin: (source) => countBytes(editStdin(source), onProgress) }),
    ...(useList !== undefined && { textFile: { flag: '--use-list', content: useList } }),
  });
}

/** The table of contents of an archive, one entry a line. */
export async function listArchive(
  runner: ToolRunner<'pg_restore'>,
  target: ToolTarget,
  dump: DumpFile,
  limits: ToolLimits,
): Promise<CommandResult> {
  return readArchive(runner, { tool: 'pg_restore', args: ['--list'], ...target, ...limits, ...archiveInput(dump) });
}

async function* countBytes(source: AsyncIterable<Buffer>, tell: (sizeBytes: number) => void): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    tell(sizeBytes);
    yield chunk;
  }
}

/** Splits a table of contents: schemas with their privileges, and all else. No schemas where none has privileges. Pure. */
export function separateSchemas(contents: string): { schemas: string; rest: string } {
  const lines = contents.split('\n');
  if (!lines.some((line) => /^\d+; \d+ \d+ ACL - SCHEMA /.test(line))) return { schemas: '', rest: contents };
  const isSchema = (line: string) => /^\d+; \d+ \d+ (?:ACL - )?SCHEMA /.test(line);
  return {
    schemas: lines.filter(isSchema).join('\n'),
    rest: lines.filter((line) => !isSchema(line)).join('\n'),
  };
}

/** A pg_restore that crashes has been given an archive that no pg_dump wrote: that is a result, and the archive's fault. */
export async function readArchive(
  runner: ToolRunner<'pg_restore'>,
  call: ToolCall<'pg_restore'>,
): Promise<CommandResult> {
  try {
    return await runner.runTool(call);
  } catch (error) {
    if (!(error instanceof RehearsalError) || error.code !== 'TOOL_CRASHED') throw error;
    return {
      exitCode: 1,
      stdout: '',
      stderr: `pg_restore: error: crashed while it read the archive: ${error.message}\n`,
    };
  }
}

/** pg_restore takes a --dbname that holds `=` or looks like a URL for a connection string; quoted as one, any name is only a name. */
function connectionString(database: string): string {
  return `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
}
