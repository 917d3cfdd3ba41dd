import { execa, type Options } from 'execa';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { OperationalError } from './operational-error.ts';
import type { Account } from './account.ts';
import { signalGroup, trackChild } from './children.ts';

/** A program to run to its end. It inherits no environment variable and goes through no shell. */
export interface Program {
  file: string;
  /** What errors call it: `file` may be a program that starts it. Its file, if left out. */
  name?: string;
  args: string[];
  /** The whole environment of the child. Secrets belong here, never in `args`. */
  env: Record<string, string>;
  cwd?: string;
  account?: Account | null;
  /** Path of a file that is fed to standard input. Without it standard input is empty. */
  stdinFile?: string;
  /** Bytes that are fed to standard input, in place of a file. */
  stdin?: Buffer;
  /** The same, of bytes that are made as they are read. Where that fails, the program takes it for the end: whoever gives them has to know. */
  stdinSource?: AsyncIterable<Buffer>;
  /** Changes the file's bytes on their way. */
  editStdin?: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
  /** Takes standard output as it comes. Without it the result holds it. */
  consumeStdout?: (source: Readable) => Promise<void>;
  /** Sees standard error as it comes, in pieces. The result holds it all the same. */
  observeStderr?: (text: string) => void;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program. A status other than 0 is a result, not an error. When it has ended, so has all that it started.
 * @throws OperationalError TOOL_NOT_STARTED, TOOL_TIMED_OUT, TOOL_KILLED, TOOL_CRASHED, INTERRUPTED, or INTERNAL where `stdinFile` cannot
 *   be read; what `consumeStdout` throws, and a OperationalError that `editStdin` throws
 */
export async function runProgram(command: Program): Promise<CommandResult> {
  const child = execa(command.file, command.args, executionOptions(command));
  trackChild(child);
  child.stderr.on('data', (chunk: Buffer) => command.observeStderr?.(chunk.toString()));
  // Whoever is left of its group would outlive it, and keep its output open for ever.
  child.once('exit', () => {
    endGroup(child);
  });
  const [result, consumed] = await Promise.all([child, consume(child, command)]);
  const { exitCode, isCanceled, timedOut } = result;
  if (isCanceled || timedOut) throw interpretFailure(command, result);
  if ('error' in consumed) throw consumed.error;
  if (exitCode === undefined) throw interpretFailure(command, result);
  if (command.stdinFile !== undefined && result.code !== undefined) throw inputFailure(command, result);
  return { exitCode, stdout: text(result.stdout), stderr: text(result.stderr) };
}

function executionOptions(command: Program) {
  const { account, signal } = command;
  return {
    env: command.env,
    extendEnv: false,
    reject: false,
    detached: true,
    cwd: command.cwd ?? '/',
    timeout: command.timeoutMs,
    buffer: { stdout: command.consumeStdout === undefined, stderr: true },
    ...(signal && { cancelSignal: signal }),
    ...input(command),
    ...(account && { uid: account.uid, gid: account.gid }),
  } satisfies Options;
}

function input({ stdin, stdinFile, stdinSource, editStdin }: Program) {
  if (stdinSource !== undefined) return { input: Readable.from(stdinSource, { objectMode: false }) };
  if (stdin !== undefined) return { input: stdin };
  if (stdinFile === undefined) return { stdin: 'ignore' as const };
  if (editStdin === undefined) return { inputFile: stdinFile };
  return { input: Readable.from(editStdin(createReadStream(stdinFile)), { objectMode: false }) };
}

interface Running {
  pid?: number | undefined;
  stdout: Readable;
}

/** Hands over standard output. A program whose output cannot be taken is ended. Never rejects. */
async function consume(child: Running, { consumeStdout }: Program): Promise<{ error: unknown } | object> {
  try {
    await consumeStdout?.(child.stdout);
    return {};
  } catch (error) {
    endGroup(child);
    child.stdout.destroy();
    return { error };
  }
}

function endGroup({ pid }: { pid?: number | undefined }): void {
  if (pid !== undefined) signalGroup(pid, 'SIGKILL');
}

/** Signals that a program brings upon itself. */
const crashSignals = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE']);

interface Failure {
  code?: string | undefined;
  timedOut: boolean;
  isCanceled: boolean;
  signal?: string | undefined;
  shortMessage?: string | undefined;
  cause?: unknown;
}

function interpretFailure(command: Program, failure: Failure): OperationalError {
  const name = nameOf(command);
  const cause = { cause: failure };
  if (failure.isCanceled) return new OperationalError('INTERRUPTED', `${name} was stopped, as all of this was.`, cause);
  if (failure.timedOut) {
    const limit = `${command.timeoutMs / 1000} s`;
    return new OperationalError('TOOL_TIMED_OUT', `${name} had not finished after ${limit} and was ended.`, cause);
  }
  if (failure.signal !== undefined && crashSignals.has(failure.signal)) {
    return new OperationalError('TOOL_CRASHED', `${name} crashed (${failure.signal}).`, cause);
  }
  if (failure.signal !== undefined) {
    return new OperationalError('TOOL_KILLED', `${name} was ended from outside by ${failure.signal}.`, cause);
  }
  const reason = failure.code ?? failure.shortMessage ?? 'unknown reason';
  return new OperationalError('TOOL_NOT_STARTED', `${command.file} could not be started (${reason}).`, cause);
}

/** The program took the end of what could be read for the end of its input, whatever its status says. */
function inputFailure(command: Program, failure: Failure): OperationalError {
  if (failure.cause instanceof OperationalError) return failure.cause;
  const { stdinFile = '' } = command;
  const message = `${nameOf(command)} did not get its whole input: ${stdinFile} cannot be read (${failure.code ?? 'unknown reason'}).`;
  return new OperationalError('INTERNAL', message, { cause: failure });
}

function nameOf({ name, file }: Program): string {
  return name ?? file;
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : '';
}
