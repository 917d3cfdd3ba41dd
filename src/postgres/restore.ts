import type { CommandResult } from '../system/run-program.ts';
import { OperationalError } from '../system/operational-error.ts';
import { archiveInput, type DumpFile } from './archive-input.ts';
import type { DisposableTools } from './disposable.ts';
import { assertMayRestore, type RecoveryTools } from './recovery-tools.ts';
import type { ToolCall, ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/** How a restore is done. */
export interface PgRestoreOptions {
  /** `runbook` leaves owners and privileges out, as the runbook does. */
  ownership: 'runbook' | 'preserve';
  /** Go on after an error, where some errors are tolerated. Otherwise pg_restore stops at the first. */
  goOn: boolean;
  /** The part of the archive's table of contents that is restored, as `pg_restore --list` writes it. All of it if absent. */
  useList?: string;
  /**
   * How many sessions restore: one, if left out. More than one read the dump by its path, so that it has to be in a private place
   * that nobody else writes to.
   */
  jobs?: number;
  /** Gets the number of bytes of the archive read so far; not of a directory, which pg_restore reads itself. */
  onProgress?: (sizeBytes: number) => void;
}

/** The options of pg_restore for a kind of restore, as they are shown in the evidence. Pure. */
export function restoreFlags({ ownership, goOn, jobs = 1 }: PgRestoreOptions): string[] {
  return [
    '--clean',
    '--if-exists',
    ...(ownership === 'runbook' ? ['--no-owner', '--no-privileges'] : []),
    ...(goOn ? [] : ['--exit-on-error']),
    ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
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
  options: PgRestoreOptions = { ownership: 'runbook', goOn: false },
): Promise<CommandResult> {
  const { useList, onProgress, jobs = 1 } = options;
  assertMayRestore(runner, target);
  const input = archiveInput(jobs > 1 ? { ...dump, seal: null } : dump);
  const { editStdin } = input;
  return runRestore(runner, {
    tool: 'pg_restore',
    args: [...restoreFlags(options), `--dbname=${connectionString(target.database)}`],
    ...target,
    ...limits,
    ...input,
    ...(onProgress && editStdin && { editStdin: (source) => countBytes(editStdin(source), onProgress) }),
    ...(useList !== undefined && { textFile: { flag: '--use-list', content: useList } }),
  });
}

/**
 * Restores for a role that gives objects to others without being a superuser. Whoever is given an object needs the right to
 * create in its schema, and pg_restore grants rights last; a superuser passes over that. So schemas and their privileges come
 * first.
 * @param contents the table of contents; empty where it cannot be listed: the restore itself fails then, and is named
 */
export async function restoreSchemasFirst(
  runner: DisposableTools | RecoveryTools,
  target: ToolTarget,
  dump: DumpFile,
  limits: ToolLimits,
  { options, contents }: { options: PgRestoreOptions; contents: string },
): Promise<CommandResult> {
  const { schemas, rest } = separateSchemas(options.useList ?? contents);
  const passes = schemas === '' ? [options] : [schemas, rest].map((useList) => ({ ...options, useList }));
  let result: CommandResult = { exitCode: 0, stdout: '', stderr: '' };
  for (const pass of passes) {
    if (result.exitCode !== 0 && !options.goOn) break;
    const { exitCode, stderr } = await restoreDatabase(runner, target, dump, limits, pass);
    result = { exitCode: result.exitCode || exitCode, stdout: '', stderr: result.stderr + stderr };
  }
  return result;
}

/** The table of contents of an archive, one entry a line. */
export async function listArchive(
  runner: ToolRunner<'pg_restore'>,
  dump: DumpFile,
  limits: ToolLimits,
): Promise<CommandResult> {
  return readArchive(runner, { args: ['--list'], ...limits, ...archiveInput(dump) });
}

/** Whether a table of contents names a role as an owner: that stands at the end of a line. Pure. */
export function ownersIn(contents: string): (role: string) => boolean {
  const entries = contents.split('\n').filter((line) => /^\d+; /.test(line));
  return (role) => entries.some((line) => line.endsWith(` ${role}`));
}

/** Lets bytes pass, and reports how many have. */
export async function* countBytes(
  source: AsyncIterable<Buffer>,
  report: (sizeBytes: number) => void,
): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    report(sizeBytes);
    yield chunk;
  }
}

/** Splits a table of contents: schemas with their privileges, and all else. No schemas where none has privileges. Pure. */
function separateSchemas(contents: string): { schemas: string; rest: string } {
  const lines = contents.split('\n');
  if (!lines.some((line) => /^\d+; \d+ \d+ ACL - SCHEMA /.test(line))) return { schemas: '', rest: contents };
  const isSchema = (line: string) => /^\d+; \d+ \d+ (?:ACL - )?SCHEMA /.test(line);
  return {
    schemas: lines.filter(isSchema).join('\n'),
    rest: lines.filter((line) => !isSchema(line)).join('\n'),
  };
}

/** Runs a pg_restore that only reads, and so connects to nothing. */
export function readArchive(
  runner: ToolRunner<'pg_restore'>,
  call: Omit<ToolCall<'pg_restore'>, 'tool' | keyof ToolTarget>,
): Promise<CommandResult> {
  return runRestore(runner, { ...call, tool: 'pg_restore', user: '', password: '', database: '' });
}

/** A pg_restore that crashes has been given an archive that no pg_dump wrote: that is a result, and the archive's fault. */
async function runRestore(runner: ToolRunner<'pg_restore'>, call: ToolCall<'pg_restore'>): Promise<CommandResult> {
  try {
    return await runner.runTool(call);
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'TOOL_CRASHED') throw error;
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
