import { execa } from 'execa';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from './operational-error.ts';
import type { Account } from './account.ts';
import { releaseChild, signalGroup, trackChild } from './children.ts';
import { killTree } from './kill-tree.ts';

/** A program that goes on running beside the harness: a database server, an application. */
export interface Service {
  readonly pid: number;
  /** How it ended, or null while it runs. */
  exit(): ServiceExit | null;
  /** The last lines that it printed, standard output and standard error together. */
  lastLines(count: number): string[];
  /** Asks it and all that it started to end, and ends them after `graceMs`. Resolves when they are gone. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
  /** Ends it and all that it started at once, without a warning. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Lets it go on when the harness ends. */
  release(): void;
}

export interface ServiceExit {
  code: number | null;
  signal: string | null;
}

export interface ServiceCommand {
  file: string;
  args: string[];
  /** The whole environment of the child. */
  env: Record<string, string>;
  cwd: string;
  account?: Account | null;
  /** Directory from which programs of `node_modules/.bin` are found, too. */
  localDirectory?: string;
}

const keptCharacters = 64 * 1024;

/**
 * Starts a program and leaves it running.
 * @throws OperationalError TOOL_NOT_STARTED
 */
export function startService(command: ServiceCommand): Service {
  const { account, localDirectory } = command;
  const child = execa(command.file, command.args, {
    env: command.env,
    extendEnv: false,
    reject: false,
    detached: true,
    cwd: command.cwd,
    stdin: 'ignore',
    all: true,
    buffer: false,
    ...(localDirectory !== undefined && { preferLocal: true, localDir: localDirectory }),
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  const { pid } = child;
  if (pid === undefined) {
    throw new OperationalError(
      'TOOL_NOT_STARTED',
      `${command.file} could not be started: there is no such program here.`,
    );
  }
  trackChild(child);
  let output = '';
  child.all.setEncoding('utf8').on('data', (chunk: string) => {
    output = (output + chunk).slice(-keptCharacters);
  });
  let exit: ServiceExit | null = null;
  const ended = child.then((result) => {
    exit = { code: result.exitCode ?? null, signal: result.signal ?? null };
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const closeOutput = () => {
    child.stdout.destroy();
    child.stderr.destroy();
  };
  return {
    pid,
    exit: () => exit,
    lastLines: (count) => output.trimEnd().split('\n').slice(-count),
    async stop(signal, graceMs) {
      signalGroup(pid, signal);
      await Promise.race([ended, delay(graceMs, undefined, { ref: false })]);
      signalGroup(pid, 'SIGKILL');
      await exited;
      // What has left the group may still hold the output open: it is not waited for.
      closeOutput();
      await ended;
    },
    async kill() {
      if (exit === null) await killTree(pid, command.env['PATH'] ?? '');
      await exited;
    },
    release: () => {
      releaseChild(child);
      // An open pipe would keep this process alive.
      closeOutput();
    },
  };
}
