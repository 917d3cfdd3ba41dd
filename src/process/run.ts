import { execa, type Options } from 'execa';
import type { Readable } from 'node:stream';
import { RehearsalError } from '../rehearsal-error.ts';
import type { Account } from './account.ts';
import { signalGroup, trackChild } from './children.ts';

/** A program to run to its end. It inherits no environment variable and goes through no shell. */
export interface Command {
  file: string;
  args: string[];
  /** The whole environment of the child. Secrets belong here, never in `args`. */
  env: Record<string, string>;
  cwd?: string;
  account?: Account | null;
  /** Path of a file that is fed to standard input. Without it standard input is empty. */
  stdinFile?: string;
  /** Takes standard output as it comes. Without it the result holds it. */
  consumeStdout?: (source: Readable) => Promise<void>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program. A status other than 0 is a result, not an error.
 * @throws RehearsalError TOOL_NOT_STARTED, TOOL_TIMED_OUT, TOOL_KILLED or INTERRUPTED; what `consumeStdout` throws
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  const child = execa(command.file, command.args, executionOptions(command));
  trackChild(child);
  const [result] = await Promise.all([child, drain(child, command)]);
  const { exitCode } = result;
  // A program that was ended may have children of its own.
  if (exitCode === undefined && child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  if (exitCode !== undefined) {
    return { exitCode, stdout: text(result.stdout), stderr: text(result.stderr) };
  }
  throw interpretFailure(command, result);
}

function executionOptions(command: Command) {
  const { account, stdinFile, signal } = command;
  return {
    env: command.env,
    extendEnv: false,
    reject: false,
    detached: true,
    cwd: command.cwd ?? '/',
    timeout: command.timeoutMs,
    buffer: { stdout: command.consumeStdout === undefined, stderr: true },
    ...(signal && { cancelSignal: signal }),
    ...(stdinFile === undefined ? { stdin: 'ignore' as const } : { inputFile: stdinFile }),
    ...(account && { uid: account.uid, gid: account.gid }),
  } satisfies Options;
}

async function drain(child: { stdout: Readable; kill: () => boolean }, command: Command): Promise<void> {
  try {
    await command.consumeStdout?.(child.stdout);
  } catch (error) {
    child.kill();
    throw error;
  }
}

interface Failure {
  code?: string | undefined;
  timedOut: boolean;
  isCanceled: boolean;
  signal?: string | undefined;
  shortMessage?: string | undefined;
}

function interpretFailure(command: Command, failure: Failure): RehearsalError {
  const { file } = command;
  const cause = { cause: failure };
  if (failure.isCanceled)
    return new RehearsalError('INTERRUPTED', `${file} was stopped because the rehearsal was.`, cause);
  if (failure.timedOut) {
    const limit = `${command.timeoutMs / 1000} s`;
    return new RehearsalError('TOOL_TIMED_OUT', `${file} had not finished after ${limit} and was ended.`, cause);
  }
  if (failure.signal !== undefined) {
    return new RehearsalError('TOOL_KILLED', `${file} was ended from outside by ${failure.signal}.`, cause);
  }
  const reason = failure.code ?? failure.shortMessage ?? 'unknown reason';
  return new RehearsalError('TOOL_NOT_STARTED', `${file} could not be started (${reason}).`, cause);
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : '';
}
