import { createReadStream } from 'node:fs';
import { type Duplex, Readable } from 'node:stream';
import type { ToolCall } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { CommandResult } from '../system/run-program.ts';

/**
 * Feeds a program in a container, and reads what it prints, until it has ended or its time is up.
 * @param stream Docker's, which carries all three standard streams
 * @throws OperationalError TOOL_TIMED_OUT or INTERRUPTED; what `consumeStdout` throws
 */
export async function exchangeStreams(stream: Duplex, call: ToolCall): Promise<Omit<CommandResult, 'exitCode'>> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const limit = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
  const end = () => stream.destroy(new Error('ended by the harness'));
  limit.addEventListener('abort', end, { once: true });
  try {
    const stderr: Buffer[] = [];
    const stdout = Readable.from(
      demultiplex(stream, (chunk) => {
        stderr.push(chunk);
        call.observeStderr?.(chunk.toString());
      }),
      { objectMode: false },
    );
    const [text] = await Promise.all([consume(stdout, call), feed(stream, call)]);
    return { stdout: text, stderr: Buffer.concat(stderr).toString() };
  } catch (error) {
    if (call.signal?.aborted === true) {
      throw new OperationalError('INTERRUPTED', `${call.tool} was stopped because the rehearsal was.`, {
        cause: error,
      });
    }
    if (timeout.aborted) {
      const message = `${call.tool} had not finished after ${call.timeoutMs / 1000} s and was ended.`;
      throw new OperationalError('TOOL_TIMED_OUT', message, { cause: error });
    }
    throw error;
  } finally {
    limit.removeEventListener('abort', end);
    stream.destroy();
  }
}

async function consume(stdout: Readable, { consumeStdout }: ToolCall): Promise<string> {
  if (consumeStdout !== undefined) {
    await consumeStdout(stdout);
    return '';
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A program that has ended reads no more: the broken pipe is not the error, its status is. */
async function feed(stream: Duplex, { stdinFile: file, editStdin }: ToolCall): Promise<void> {
  if (file === undefined) return;
  const bytes = createReadStream(file);
  const source = editStdin === undefined ? bytes : editStdin(bytes);
  try {
    for await (const chunk of source) {
      if (!stream.writable) return;
      if (!stream.write(chunk)) await drained(stream);
    }
    stream.end();
  } catch (error) {
    if (!['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function drained(stream: Duplex): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done).off('end', done);
      resolve();
    };
    stream.on('drain', done).on('close', done).on('end', done);
  });
}

/**
 * Takes Docker's multiplexed stream apart: frames of an 8-byte header (stream, three zeros, big-endian length) and a
 * payload. Docker's API calls this `application/vnd.docker.raw-stream`. dockerode's own demuxer ignores backpressure.
 */
export async function* demultiplex(stream: Duplex, onStderr: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  let header = Buffer.alloc(0);
  let remaining = 0;
  for await (const data of stream) {
    let chunk = data as Buffer;
    while (chunk.length > 0) {
      if (remaining === 0) {
        const missing = 8 - header.length;
        header = Buffer.concat([header, chunk.subarray(0, missing)]);
        chunk = chunk.subarray(missing);
        if (header.length < 8) break;
        remaining = header.readUInt32BE(4);
        if (remaining === 0) header = Buffer.alloc(0);
        continue;
      }
      const payload = chunk.subarray(0, remaining);
      remaining -= payload.length;
      chunk = chunk.subarray(payload.length);
      if (header[0] === 2) onStderr(payload);
      else yield payload;
      if (remaining === 0) header = Buffer.alloc(0);
    }
  }
}
