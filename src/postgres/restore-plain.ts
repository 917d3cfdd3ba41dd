import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { CommandResult } from '../system/run-program.ts';
import { OperationalError } from '../system/operational-error.ts';
import { readSealed } from '../system/seal.ts';
import type { DumpFile } from './archive-input.ts';
import type { DisposableTools } from './disposable.ts';
import { findPlainDropPhase, withoutPlainDropErrors, type PlainDropPhase } from './plain-drop-phase.ts';
import type { ByteRange } from './plain-dump-events.ts';
import type { PlainDump } from './plain-dump-reader.ts';
import { assertMayRestore, type RecoveryTools } from './recovery-tools.ts';
import { countBytes, type PgRestoreOptions } from './restore.ts';
import type { ToolLimits, ToolRunner, ToolTarget } from './tool.ts';

/** How a plain SQL dump is restored, as it is shown in the evidence. */
const stopAtErrors = '--set=ON_ERROR_STOP=1';
export const plainRestoreFlags = ['--no-psqlrc', '--quiet', stopAtErrors];

/** What came of restoring a plain dump. */
export interface PlainRestoreResult extends CommandResult {
  /** Whether psql itself refused to run commands of its own; versions before August 2025 cannot. */
  restricted: boolean;
  /** Errors of its drop phase, for want of what is dropped; `stderr` is without them. */
  dropErrors: number;
}

export interface PlainRestoreOptions extends Partial<PgRestoreOptions> {
  /** Statements of the dump whose work has been done already. */
  passedOver?: ByteRange[];
}

/**
 * Restores a plain SQL dump into an empty database with psql, which stops at the first error. psql is told to run no
 * command of its own (`\restrict`), under a key that the dump cannot know: our reading of the dump may be wrong. What a dump
 * that was made with --clean drops beforehand is not there: in that part, psql goes on after errors. Where it does not, the schema
 * public, which every database has, is not created, as pg_restore does not create it: pg_dump --schema=public writes that it is.
 * @param scanned what `scanPlainDump` says of the dump, without any command of psql
 * @throws OperationalError TOOL_TOO_OLD where psql cannot be told so and the dump can be read in more than one way; what
 *   running a tool throws; a status other than 0 is a result
 */
export async function restorePlain(
  runner: DisposableTools | RecoveryTools,
  target: ToolTarget,
  dump: DumpFile,
  scanned: PlainDump,
  limits: ToolLimits,
  { onProgress = () => undefined, ownership = 'preserve', passedOver = [] }: PlainRestoreOptions = {},
): Promise<PlainRestoreResult> {
  assertMayRestore(runner, target);
  const leftOut = ownership === 'preserve' ? scanned.neverRun : inOrder([...scanned.neverRun, ...scanned.ownership]);
  const restrict = `--command=\\restrict ${randomBytes(24).toString('hex')}`;
  const restricted = await knowsRestrict(runner, target, restrict, limits);
  if (!restricted && scanned.ambiguousLine !== null) throw tooOld(scanned.ambiguousLine);
  const phase = await findPlainDropPhase(dump);
  const run = (flags: string[], edit: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>) =>
    runner.runTool({
      tool: 'psql',
      args: [...flags, ...(restricted ? [restrict] : []), '--file=-'],
      ...target,
      ...limits,
      stdinFile: dump.file,
      editStdin: (source) => edit(dump.seal === null ? source : readSealed(source, dump.seal, dump.file)),
      // What the statements of a dump select may be rows: it is not kept.
      consumeStdout: (source) => finished(source.resume()),
    });
  const dropped = phase === null ? nothingDropped : await dropFirst(phase, leftOut, run);
  if (dropped.exitCode !== 0 || dropped.stderr !== '')
    return { ...dropped, exitCode: dropped.exitCode || 3, restricted };
  const there = phase === null ? scanned.prepared.filter(({ schema }) => schema === 'public') : [];
  const left = inOrder([...leftOut, ...passedOver, ...there, ...(phase?.lines ?? [])]);
  const result = await run(plainRestoreFlags, (source) => blank(countBytes(source, onProgress), left));
  return { ...result, restricted, dropErrors: dropped.dropErrors };
}

const nothingDropped = { exitCode: 0, stdout: '', stderr: '', dropErrors: 0 };

/** Runs a dump up to the end of its drop phase. Whatever it says besides that something is not there, is said of the dump. */
async function dropFirst(
  phase: PlainDropPhase,
  leftOut: ByteRange[],
  run: (flags: string[], edit: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>) => Promise<CommandResult>,
): Promise<CommandResult & { dropErrors: number }> {
  const flags = [...plainRestoreFlags.filter((flag) => flag !== stopAtErrors), '--set=ON_ERROR_STOP=0'];
  const result = await run(flags, (source) => blank(upTo(phase.endOffset, source), leftOut));
  const { stderr, dropErrors } = withoutPlainDropErrors(result.stderr, phase);
  const errors = stderr.split('\n').filter((line) => /(?:ERROR|FATAL|PANIC|error):/.test(line));
  return { ...result, stderr: errors.join('\n'), dropErrors };
}

/** The start of a stream. What follows is read all the same: its seal is of the whole. */
async function* upTo(length: number, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start = 0;
  for await (const chunk of source) {
    if (start < length) yield chunk.subarray(0, length - start);
    start += chunk.length;
  }
  yield Buffer.from('\n');
}

/** Whether this psql has the command: one that has not ends with an error. */
async function knowsRestrict(
  runner: ToolRunner<'psql'>,
  target: ToolTarget,
  restrict: string,
  limits: ToolLimits,
): Promise<boolean> {
  const args = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', restrict];
  const { exitCode, stderr } = await runner.runTool({ tool: 'psql', args, ...target, ...limits });
  return exitCode === 0 && !stderr.includes('restrict');
}

function tooOld(line: number): OperationalError {
  const message =
    `Versions of psql read line ${line} of the plain SQL dump in different ways, so it could hide a command of psql, and ` +
    'this psql cannot be told to refuse those (\\restrict). Update PostgreSQL to 14.19, 15.14, 16.10, 17.6 or newer.';
  return new OperationalError('TOOL_TOO_OLD', message);
}

function inOrder(ranges: ByteRange[]): ByteRange[] {
  return ranges.toSorted((a, b) => a.offset - b.offset);
}

/** Puts blanks in place of parts of a stream, so that its lines keep their numbers. */
async function* blank(source: AsyncIterable<Buffer>, parts: ByteRange[]): AsyncGenerator<Buffer> {
  let start = 0;
  let next = 0;
  for await (const chunk of source) {
    for (let index = next; index < parts.length; index += 1) {
      const { offset, length } = parts[index] as ByteRange;
      if (offset >= start + chunk.length) break;
      blankLine(chunk.subarray(Math.max(offset - start, 0), offset + length - start));
      if (index === next && offset + length <= start + chunk.length) next += 1;
    }
    start += chunk.length;
    yield chunk;
  }
}

function blankLine(bytes: Buffer): void {
  for (const [index, byte] of bytes.entries()) if (byte !== 0x0a) bytes[index] = 0x20;
}
