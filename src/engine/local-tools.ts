import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { libpqEnvironment, type ToolCall } from '../postgres/tool.ts';
import { runProgram, type CommandResult } from '../system/run-program.ts';
import { OperationalError } from '../system/operational-error.ts';
import { copyFor, writePrivateFile } from './account-files.ts';
import type { Cluster } from './local-cluster.ts';
import type { Enclosure } from './namespaces.ts';
import { postgresPort } from './socket.ts';

/** What a client program reads may be an untrusted archive: it is as shut off as the server, and under its account. */
export async function runLocalTool(cluster: Cluster, call: ToolCall): Promise<CommandResult> {
  const { programs, account, path, enclosure, directory } = cluster;
  const { tool, stdinFile, editStdin, consumeStdout, observeStderr, timeoutMs, signal } = call;
  await using placed = await placeFiles(cluster, call);
  const result = await runProgram(
    enclosure.enclose({
      name: tool,
      file: join(programs.directory, tool),
      args: placed.args,
      env: {
        PATH: path,
        // Whose it is (see leftovers.ts), and nothing of the account's own ~/.pgpass and ~/.postgresql.
        HOME: cluster.privateDirectory,
        PGHOST: directory,
        PGPORT: String(postgresPort),
        ...libpqEnvironment(call, programs),
      },
      account,
      timeoutMs,
      signal,
      ...(stdinFile !== undefined && { stdinFile }),
      ...(editStdin && { editStdin }),
      ...(consumeStdout && { consumeStdout }),
      ...(observeStderr && { observeStderr }),
    }),
  );
  assertEnclosed(enclosure, tool, result);
  return result;
}

/** Puts what a tool reads by path where its account may read it, until it has ended. */
async function placeFiles({ directory, account }: Cluster, { args, textFile, inputPath }: ToolCall) {
  const stem = join(directory, randomUUID());
  const [text, input] = [`${stem}.txt`, `${stem}.input`];
  const isOurs = account === null;
  if (textFile !== undefined) await writePrivateFile(text, textFile.content, account);
  if (inputPath !== undefined && !isOurs) await copyFor(account, inputPath, input);
  return {
    args: [
      ...(textFile === undefined ? [] : [`${textFile.flag}=${text}`]),
      ...args,
      ...(inputPath === undefined ? [] : [isOurs ? inputPath : input]),
    ],
    async [Symbol.asyncDispose]() {
      await rm(text, { force: true });
      await rm(input, { recursive: true, force: true });
    },
  };
}

/** A namespace that was not given, or a program that is not there, is not the tool's own failure. */
function assertEnclosed({ shut }: Enclosure, tool: string, { exitCode, stderr }: CommandResult): void {
  if (!shut || exitCode === 0 || !/^(unshare|setpriv): /.test(stderr)) return;
  throw new OperationalError('TOOL_NOT_STARTED', `${tool} could not be started: ${stderr.trim()}`);
}
