import type { Readable } from 'node:stream';
import type { CommandResult } from '../system/run-program.ts';
import { dumpSettings, sessionSettings, startOptions } from './session-settings.ts';

export type ToolName = 'pg_dump' | 'pg_dumpall' | 'pg_restore' | 'psql' | 'pg_amcheck';

/** A call of one of PostgreSQL's client programs against a database of a server. */
export interface ToolCall<Tool extends ToolName = ToolName> {
  tool: Tool;
  /** Arguments without any that say where to connect: the server adds those through the environment. */
  args: string[];
  user: string;
  password: string;
  database: string;
  /** Settings of its sessions, besides those of session-settings.ts. */
  settings?: Record<string, string>;
  /** Path on this machine of a file that is fed to standard input. */
  stdinFile?: string;
  /** A file or directory of this machine that the tool is given by its path, as its last argument: it may be read in any order. */
  inputPath?: string;
  /** Changes the file's bytes on their way. */
  editStdin?: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
  /** A text that the tool reads from a file of its own machine: the flag is given the file's path. */
  textFile?: { flag: string; content: string };
  /** Takes standard output as it comes. Without it the result holds it. */
  consumeStdout?: (source: Readable) => Promise<void>;
  /** Sees what it says on standard error as it says it, in pieces. The result holds it all the same. */
  observeStderr?: (text: string) => void;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs client programs that match a server's version, next to that server. One that is only to be read has `pg_dump` and
 * `pg_dumpall` alone: it cannot be handed to what restores.
 */
export interface ToolRunner<Tool extends ToolName = ToolName> {
  // A property, not a method: TypeScript compares parameters of methods too kindly.
  readonly runTool: (call: ToolCall<Tool>) => Promise<CommandResult>;
}

/** Which role a tool works as, and on which database. */
export type ToolTarget = Pick<ToolCall, 'user' | 'password' | 'database'>;

/** What a call may take and what may end it. */
export interface ToolLimits {
  timeoutMs: number;
  /** How long reading waits for a table that another session holds; see source.ts for how long it does without. */
  lockTimeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** The server that a tool works on. */
export interface ServerOfTool {
  major: number;
  /** Behind a pooler, which takes no settings at the start of a session. */
  pooled?: boolean | undefined;
}

/**
 * libpq's variables for a call, to stand in the environment of the tool. With none of a person's own among them: PGTZ or
 * PGOPTIONS are for other sessions.
 */
export function libpqEnvironment(
  call: ToolTarget & Partial<Pick<ToolCall, 'tool' | 'settings'>>,
  { major, pooled = false }: ServerOfTool,
): Record<string, string> {
  const settings = { ...sessionSettings(major), ...(call.tool === 'pg_dump' && dumpSettings), ...call.settings };
  return {
    PGUSER: call.user,
    PGPASSWORD: call.password,
    PGDATABASE: call.database,
    PGCONNECT_TIMEOUT: '10',
    PGAPPNAME: 'restore-rehearsal',
    ...(!pooled && { PGOPTIONS: startOptions(settings) }),
    // pg_dump takes the encoding of the database, unless a setting says another one; its callers know which that is.
    ...(call.tool !== 'pg_dump' && { PGCLIENTENCODING: 'UTF8' }),
    // Messages are read by programs here: one language, whatever the machine speaks.
    LC_ALL: 'C',
  };
}
