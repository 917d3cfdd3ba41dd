import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runProgram, type CommandResult, type Program } from './run-program.ts';

/** What to make of a program that did not work. */
interface Failures {
  /** It ended with a status other than 0. */
  onFailed: (result: CommandResult) => Error;
  /** It could not be run. */
  onError: (error: unknown) => never;
}

/**
 * The bytes that a program makes of others, as they come. The last of them come only when it has ended with status 0.
 * Throws what `failures` says.
 */
export async function* throughProgram(
  program: Omit<Program, 'stdin' | 'stdinFile' | 'editStdin' | 'consumeStdout'>,
  source: AsyncIterable<Buffer>,
  { onFailed, onError }: Failures,
): AsyncGenerator<Buffer> {
  const output = new PassThrough();
  const input = { error: null as unknown };
  const running = runProgram({
    ...program,
    stdinSource: noting(source, input),
    consumeStdout: (stdout: Readable) => pipeline(stdout, output, { end: false }),
  }).then(
    (result) => {
      // The program took it for the end of its input.
      if (input.error !== null) output.destroy(input.error as Error);
      else if (result.exitCode !== 0) output.destroy(onFailed(result));
      else output.end();
    },
    (error: unknown) => {
      output.destroy((input.error ?? error) as Error);
    },
  );
  try {
    for await (const chunk of output) yield chunk as Buffer;
  } catch (error) {
    onError(error);
  } finally {
    await running;
  }
}

/** Reads to the end, and keeps nothing. */
export async function drain(source: AsyncIterable<unknown>): Promise<void> {
  const pieces = source[Symbol.asyncIterator]();
  while ((await pieces.next()).done !== true);
}

async function* noting(source: AsyncIterable<Buffer>, input: { error: unknown }): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (error) {
    input.error = error;
    throw error;
  }
}
