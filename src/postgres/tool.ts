import type { Readable } from 'node:stream';
import type { CommandResult } from '../process/run.ts';

/** A call of one of PostgreSQL's client programs against a database of a server. */
export interface ToolCall {
  tool: 'pg_dump' | 'pg_dumpall' | 'pg_restore' | 'psql' | 'pg_amcheck';
  /** Arguments without any that say where to connect: the server adds those through the environment. */
  args: string[];
  user: string;
  password: string;
  database: string;
  /** Path on this machine of a file that is fed to standard input. */
  stdinFile?: string;
  /** Changes the file's bytes on their way. */
  editStdin?: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
  /** A text that the tool reads from a file of its own machine: the flag is given the file's path. */
  textFile?: { flag: string; content: string };
  /** Takes standard output as it comes. Without it the result holds it. */
  consumeStdout?: (source: Readable) => Promise<void>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Runs client programs that match a server's version, next to that server. */
export interface ToolRunner {
  runTool(call: ToolCall): Promise<CommandResult>;
}

/** Which role a tool works as, and on which database. */
export type ToolTarget = Pick<ToolCall, 'user' | 'password' | 'database'>;

/** What a call may take and what may end it. */
export interface ToolLimits {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** libpq's variables for a call, to stand in the environment of the tool. */
export function libpqEnvironment(call: ToolTarget): Record<string, string> {
  return {
    PGUSER: call.user,
    PGPASSWORD: call.password,
    PGDATABASE: call.database,
    PGCONNECT_TIMEOUT: '10',
    PGAPPNAME: 'restore-rehearsal',
    // Messages are read by programs here: one language, whatever the machine speaks.
    LC_ALL: 'C',
  };
}
