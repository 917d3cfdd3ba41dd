import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import type { CommandResult } from '../system/run-program.ts';
import { libpqEnvironment, type ServerOfTool, type ToolCall } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';
import { exchangeStreams } from './docker-stream.ts';
import { startInContainer } from './start-in-container.ts';

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;
type Exec = Awaited<ReturnType<Container['exec']>>;

/**
 * Runs a client program inside a container, over the Docker API: no bind mount and no docker program, so a daemon on
 * another machine serves as well. Standard streams are binary-safe and never held in memory as a whole.
 * @param place puts what the program reads by path into the container
 * @param server the one that the program works on: of the container
 * @param marks further variables of its environment
 * @throws OperationalError TOOL_TIMED_OUT, TOOL_KILLED, TOOL_CRASHED, SERVER_LOST or INTERRUPTED; what `consumeStdout` throws
 */
export async function runToolInContainer(
  container: Container,
  place: PlaceFiles,
  call: ToolCall,
  server: ServerOfTool,
  marks: Record<string, string> = {},
): Promise<CommandResult> {
  const { tool, stdinFile } = call;
  const args = await placeFiles(place, call);
  const variables = { PGHOST: '127.0.0.1', ...libpqEnvironment(call, server), ...marks };
  const { exec, stream } = await startInContainer(container, stdinFile !== undefined, {
    Cmd: [tool, ...args],
    Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  }).catch((error: unknown) => {
    throw hasStopped(error) ? lost(tool) : error;
  });
  const output = await exchangeStreams(stream, call);
  const exitCode = await exitStatus(exec);
  // The status of a program that a signal ended is 128 + the signal's number, as in a shell.
  if (exitCode !== null && crashStatuses.has(exitCode)) {
    throw new OperationalError('TOOL_CRASHED', `${tool} crashed (status ${exitCode}).`);
  }
  if (exitCode === null || exitCode > 128 || notStarted.has(exitCode)) {
    if (!(await isUp(container))) throw lost(tool);
    if (exitCode !== null && notStarted.has(exitCode))
      throw new OperationalError(
        'TOOL_NOT_STARTED',
        `${tool} could not be started in the container: ${(output.stdout || output.stderr).trim()}`,
      );
    throw new OperationalError('TOOL_KILLED', `${tool} was ended from outside (status ${exitCode ?? 'unknown'}).`);
  }
  return { exitCode, ...output };
}

/** The daemon may close a program's streams before it has taken note of its status. */
export async function exitStatus(exec: Exec): Promise<number | null> {
  const deadline = performance.now() + noticedWithinMs;
  for (;;) {
    const { ExitCode: exitCode, Running: running } = await exec.inspect();
    if (!running || performance.now() > deadline) return exitCode;
    await delay(20);
  }
}

/** Long enough for a daemon on a machine that is busy with other things. */
const noticedWithinMs = 30_000;

/**
 * A container takes all its programs along, and the daemon may learn of its end last. In one that is on its way out, no
 * program can be started any more, whatever the daemon knows: its namespace of process ids is closed before anything in
 * it is killed. See zap_pid_ns_processes in Linux' kernel/pid_namespace.c.
 */
async function isUp(container: Container): Promise<boolean> {
  try {
    const { exec, stream } = await startInContainer(container, false, { Cmd: ['sh', '-c', ':'] });
    await finished(stream.resume());
    return (await exitStatus(exec)) === 0;
  } catch (error) {
    // The daemon answers, and could not start it.
    if ((error as { statusCode?: number }).statusCode !== undefined) return false;
    throw error;
  }
}

/** What the daemon answers of a container that is not there any more, or does not run; it has several ways to say that. */
function hasStopped(error: unknown): boolean {
  const { statusCode, message } = error as { statusCode?: number; message: string };
  return statusCode === 404 || (statusCode !== undefined && /is not running|has stopped|stopped state/.test(message));
}

function lost(tool: string): OperationalError {
  return new OperationalError('SERVER_LOST', `${tool} failed because the container of the server stopped.`);
}

/** The daemon's own statuses where a program cannot be started, or is not there; it says why on standard output. */
const notStarted = new Set([126, 127]);

/** SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV: signals that a program brings upon itself. */
const crashStatuses = new Set([4, 6, 7, 8, 11].map((signal) => 128 + signal));

/** Puts into a container what a program reads by path there. */
export interface PlaceFiles {
  /** @returns its path in the container */
  text(content: string): Promise<string>;
  /** A file or directory of this machine. */
  input(path: string): Promise<string>;
}

type Copying = Pick<
  StartedTestContainer,
  'copyContentToContainer' | 'copyFilesToContainer' | 'copyDirectoriesToContainer'
>;

/** For a container that was started here: what is put into it goes away with it. */
export function placeInStarted(started: Copying): PlaceFiles {
  return {
    async text(content) {
      const target = `/tmp/${randomUUID()}.txt`;
      await started.copyContentToContainer([{ content, target }]);
      return target;
    },
    async input(path) {
      const input = { source: path, target: `/tmp/${randomUUID()}.input` };
      if ((await stat(path)).isDirectory()) await started.copyDirectoriesToContainer([input]);
      else await started.copyFilesToContainer([input]);
      return input.target;
    },
  };
}

/** Resolves with the tool's arguments. */
async function placeFiles(place: PlaceFiles, { args, textFile, inputPath }: ToolCall): Promise<string[]> {
  const text = textFile === undefined ? [] : [`${textFile.flag}=${await place.text(textFile.content)}`];
  const input = inputPath === undefined ? [] : [await place.input(inputPath)];
  return [...text, ...args, ...input];
}
