import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalPrograms } from '../engine/local-programs.ts';
import { libpqEnvironment, type ToolName, type ToolRunner } from '../postgres/tool.ts';
import { majorVersion } from '../postgres/version.ts';
import { runProgram } from '../system/run-program.ts';
import type { DatabaseAddress } from './database-url.ts';

/** What this machine's client programs run with. */
export interface ClientMachine {
  programs: LocalPrograms;
  /** Search path for programs. */
  path: string;
  /** Version of the server that they work on. */
  serverVersion: string;
  /** Directory that children take for their home: nothing of the account's own settings counts. */
  home: string;
}

/** Runs this machine's client programs against a server that was not started here, as this account. */
export function clientTools(
  { programs, path, home, serverVersion }: ClientMachine,
  { connection: { host, port, pooled }, tlsVariables }: DatabaseAddress,
): ToolRunner {
  const server = { major: majorVersion(serverVersion), pooled };
  return {
    async runTool(call) {
      const { tool, args, timeoutMs, signal, stdinFile, editStdin, consumeStdout, observeStderr, textFile } = call;
      const text = textFile === undefined ? null : { ...textFile, path: join(home, `${randomUUID()}.txt`) };
      if (text !== null) await writeFile(text.path, text.content, { mode: 0o600 });
      try {
        return await runProgram({
          file: join(programs.directory, tool satisfies ToolName),
          args: [
            ...(text === null ? [] : [`${text.flag}=${text.path}`]),
            ...args,
            ...(call.inputPath === undefined ? [] : [call.inputPath]),
          ],
          env: {
            PATH: path,
            HOME: home,
            PGHOST: host,
            PGPORT: String(port),
            ...tlsVariables,
            ...libpqEnvironment(call, server),
          },
          timeoutMs,
          signal,
          ...(stdinFile !== undefined && { stdinFile }),
          ...(editStdin && { editStdin }),
          ...(consumeStdout && { consumeStdout }),
          ...(observeStderr && { observeStderr }),
        });
      } finally {
        if (text !== null) await rm(text.path, { force: true });
      }
    },
  };
}
