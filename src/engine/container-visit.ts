import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Readable, type Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { ServerOfTool, ToolRunner } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';
import { exitStatus, runToolInContainer, type PlaceFiles } from './docker-exec.ts';
import { demultiplex } from './docker-stream.ts';
import { startInContainer } from './start-in-container.ts';
import { packTar } from './tar-file.ts';

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;

/** A container that stays when this process is gone: nothing of ours does, neither programs nor files. */
export interface ContainerVisit extends AsyncDisposable {
  /** @param host of the server, as programs of the container reach it: a directory of sockets, or an address */
  readonly toolsFor: (server: ServerOfTool, host: string) => ToolRunner;
}

/**
 * Runs client programs inside a container that was not started here. A program in a container goes on when its caller is gone.
 * One that waits in there for the end of its standard input notices, and then ends the others and removes their files;
 * they are known by a variable of their environment. Takes bash in the image.
 */
export async function visitContainer(container: Container): Promise<ContainerVisit> {
  const visit = `restore-rehearsal-${randomUUID()}`;
  const leash = await startLeash(container, visit);
  const place = placeForVisit(container, visit);
  let calls = 0;
  return {
    toolsFor: (server, host) => ({
      async runTool(call) {
        calls += 1;
        const mark = `${visit}.${calls};`;
        try {
          return await runToolInContainer(container, place, call, server, { PGHOST: host, [variable]: mark });
        } catch (error) {
          await orGiveUp(run(container, ['bash', '-c', endMarked, mark]));
          throw error;
        }
      },
    }),
    async [Symbol.asyncDispose]() {
      leash.end();
      await orGiveUp(finished(leash.resume()));
      leash.destroy();
    },
  };
}

const goneWithinMs = 10_000;

/** Of a container that is gone, nothing answers. Never throws. */
async function orGiveUp(work: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  await Promise.race([work, delay(goneWithinMs, undefined, { signal: stop.signal })]).catch(() => undefined);
  stop.abort();
}

const variable = 'RESTORE_REHEARSAL_CALL';

/**
 * Ends all whose environment has `$0` in it. None of them is a child of the server, which would take that for a crash of its
 * own: the daemon has started them.
 */
const endMarked =
  'for each in /proc/[0-9]*; do { environ=$(<"$each/environ"); } 2>/dev/null; [[ $environ == *"$0"* ]] && kill "${each##*/}" 2>/dev/null; done';

/** Where a container can be written to. One with a read-only root may have the second alone. */
const bases = ['/tmp', '/dev/shm'];

async function startLeash(container: Container, visit: string): Promise<Duplex> {
  const directories = bases.map((base) => `"${base}/$0"`).join(' ');
  const leash = `cat >/dev/null; ${endMarked}; rm -rf ${directories}`;
  const { stream } = await startInContainer(container, true, { Cmd: ['bash', '-c', leash, visit] });
  stream.on('error', () => undefined);
  return stream;
}

function placeForVisit(container: Container, visit: string): PlaceFiles {
  let directory: Promise<string> | undefined;
  const open = () => (directory ??= makeDirectory(container, visit));
  const inputs = new Map<string, Promise<string>>();
  return {
    async text(content) {
      const path = `${await open()}/${randomUUID()}.txt`;
      await put(container, ['sh', '-c', 'umask 077; exec cat >"$0"', path], [Buffer.from(content)]);
      return path;
    },
    // Private, and nobody else writes to it: one copy serves all programs.
    async input(path) {
      const known = inputs.get(path) ?? open().then((into) => putInput(container, path, into));
      inputs.set(path, known);
      return known;
    },
  };
}

async function putInput(container: Container, path: string, directory: string): Promise<string> {
  const name = `${randomUUID()}.input`;
  await put(container, ['tar', '-x', '-f', '-', '-C', directory], packTar(path, name));
  return `${directory}/${name}`;
}

async function makeDirectory(container: Container, visit: string): Promise<string> {
  const make = `for base in ${bases.join(' ')}; do mkdir -m 700 "$base/$0" && echo "$base/$0" && exit; done 2>/dev/null; exit 1`;
  const { exitCode, output } = await run(container, ['sh', '-c', make, visit]);
  if (exitCode === 0) return output.trim();
  throw notPlaced(`neither ${bases.join(' nor ')} can be written to`);
}

/** Feeds a program that writes what it gets. */
async function put(container: Container, command: string[], content: Iterable<Buffer> | AsyncIterable<Buffer>) {
  const { exitCode, output } = await run(container, command, content);
  if (exitCode === 0) return;
  if (output.includes('No space left on device')) {
    const message = `The container's disk is full: ${output.trim()}. A directory or tar dump is copied into it while it is restored. Free some space there, and start again.`;
    throw new OperationalError('DISK_FULL', message);
  }
  throw notPlaced(output.trim());
}

function notPlaced(reason: string): OperationalError {
  const message = `What pg_restore reads by its path could not be put into the container: ${reason}. Give the container a /tmp that can be written to (tmpfs), or publish the port of the server and use --url.`;
  return new OperationalError('TOOL_NOT_STARTED', message);
}

/** Runs a small program of the container, and resolves with all that it printed. */
async function run(
  container: Container,
  command: string[],
  input: Iterable<Buffer> | AsyncIterable<Buffer> = [],
): Promise<{ exitCode: number | null; output: string }> {
  const { exec, stream } = await startInContainer(container, true, { Cmd: command });
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer) => void chunks.push(chunk);
  const fed = feed(stream, input);
  for await (const chunk of demultiplex(stream, keep)) keep(chunk);
  await fed;
  return { exitCode: await exitStatus(exec), output: Buffer.concat(chunks).toString() };
}

/** One that has ended reads no more: what it has printed says why. */
async function feed(stream: Duplex, input: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const chunk of Readable.from(input, { objectMode: false })) {
      if (!stream.writable) return;
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    }
    stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
}
