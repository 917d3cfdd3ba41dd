import { readdir, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { lastWords } from '../last-words.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { runProgram } from '../../system/run-program.ts';
import { secretsOf } from '../../system/secrets-of.ts';
import type { FetchingOptions, FoundBackup } from './found.ts';
import { findNewestHere } from './newest-here.ts';

/** The program of a profile that fetches the backup. */
export interface FetchCommand {
  /** The program and its arguments; the directory follows. */
  command: readonly string[];
  withinMs: number;
  /** Where it is started. */
  cwd: string;
  variables: Record<string, string>;
  signal: AbortSignal | undefined;
}

/**
 * Lets a program of the user's put a backup into a directory, and takes the newest of what is there. What it prints is shown in
 * errors alone, and nothing that it left is believed: links out of the directory are not followed.
 * @throws OperationalError BACKUP_NOT_FETCHED, TOOL_NOT_STARTED, INTERRUPTED
 */
export async function fetchByCommand(fetch: FetchCommand, options: FetchingOptions): Promise<FoundBackup> {
  const { directory, database, now, report } = options;
  const [file = '', ...args] = fetch.command;
  const name = basename(file);
  report(`${name} fetches the backup`);
  const { variables: env, cwd, withinMs: timeoutMs, signal } = fetch;
  const said: string[] = [];
  const result = await runProgram({
    file,
    args: [...args, directory],
    env,
    cwd,
    timeoutMs,
    signal,
    // What it prints may be anything, and as much as it likes.
    consumeStdout: async (source) => {
      for await (const chunk of source) said.push((chunk as Buffer).toString().slice(-mostSaid));
      said.splice(0, said.length - 2);
    },
  }).catch((error: unknown) => {
    throw explain(error, name, timeoutMs);
  });
  const words = lastWords(`${said.join('')}\n${result.stderr}`, secretsOf(Object.entries(env)));
  if (result.exitCode !== 0) {
    throw notFetched(
      `${name} of sources.fetch ended with status ${result.exitCode}: ${words}. Make it work by hand, with a directory as its last argument.`,
    );
  }
  const names = await readdir(directory);
  if (names.length === 0) {
    throw notFetched(
      `${name} of sources.fetch ended with status 0 and wrote nothing into the directory that it was given as its last argument. It said: ${words}.`,
    );
  }
  const found = await findNewestHere({ directory, pattern: '**', database, now });
  if (found.set !== null) await assertInside(found.set.dump, directory, name);
  return { ...found, from: `what ${name} fetched` };
}

const mostSaid = 4096;

async function assertInside(file: string, directory: string, name: string): Promise<void> {
  if ((await realpath(file)).startsWith(`${await realpath(directory)}/`)) return;
  throw notFetched(
    `${name} of sources.fetch wrote a link that leads out of its directory: let it copy the backup there.`,
  );
}

function explain(error: unknown, name: string, timeoutMs: number): unknown {
  if (!(error instanceof OperationalError) || error.code !== 'TOOL_TIMED_OUT') return error;
  const message = `${name} of sources.fetch had not ended after ${timeoutMs / 1000} s, and was ended. See what it waits for, or give it longer with sources.within.`;
  return new OperationalError('BACKUP_NOT_FETCHED', message, { cause: error });
}

function notFetched(message: string): OperationalError {
  return new OperationalError('BACKUP_NOT_FETCHED', message);
}
