import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Environment } from '../system/environment.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import { markerVariable } from '../system/marked.ts';
import { OperationalError } from '../system/operational-error.ts';
import { runProgram, type CommandResult } from '../system/run-program.ts';
import { explainRcloneStatus, explainRcloneError } from './rclone-errors.ts';

export interface RcloneOptions {
  destination: string;
  /** rclone's configuration file, where it is not in its usual place. */
  config: string | undefined;
  environment: Pick<Environment, 'rclone' | 'path'>;
  /** What every rclone that is started is marked with, see marked.ts: what outlives a killed harness can be ended then. */
  marker?: string;
  /** For all that is done there together. */
  limits: ToolLimits;
  /** How long the other side may say nothing when it is asked what is there. */
  silenceMs?: number;
}

export interface RcloneStreams {
  consumeStdout?: (source: Readable) => Promise<void>;
  observeStderr?: (text: string) => void;
}

/** rclone with its surroundings, for one place. */
export interface RcloneRunner {
  /** Throws what rclone's `list` throws, apart from what a status says. */
  readonly run: (args: string[], timeoutMs: number, streams?: RcloneStreams) => Promise<CommandResult>;
  /** Throws what rclone's `list` throws. */
  readonly assertWorked: (result: CommandResult) => Promise<void>;
  /** The path of a file there. */
  readonly there: (name: string) => string;
}

/** A listing says whether the place can be reached at all: that is not waited for long. */
export const listTimeoutMs = 60_000;
export const patient = ['--low-level-retries=3', '--timeout=2m'];

export function impatient(silenceMs = 20_000): string[] {
  return ['--low-level-retries=1', `--timeout=${silenceMs}ms`];
}

/** Secrets are in rclone's configuration file or its environment; its arguments hold none. */
export function rcloneRunner({ destination, config, environment, marker, limits }: RcloneOptions): RcloneRunner {
  assertConfigThere(config);
  const endsAt = performance.now() + limits.timeoutMs;
  const env = {
    // The user decides; without, a mistyped bucket would be made, and sftp would start a shell and change the file.
    RCLONE_S3_NO_CHECK_BUCKET: 'true',
    RCLONE_GCS_NO_CHECK_BUCKET: 'true',
    RCLONE_SFTP_SHELL_TYPE: 'none',
    ...environment.rclone,
    ...(config !== undefined && { RCLONE_CONFIG: config }),
    ...(marker !== undefined && { [markerVariable]: marker }),
    PATH: environment.path,
  };
  return {
    async run(args, timeoutMs, streams = {}) {
      const call = {
        file: 'rclone',
        args: [...args, '--retries=1', '--contimeout=15s', '--use-json-log', '--ask-password=false'],
        env,
        timeoutMs: Math.max(Math.min(timeoutMs, endsAt - performance.now()), 1),
        signal: limits.signal,
        ...streams,
      };
      return runProgram(call).catch((error: unknown) => {
        throw explainRcloneError(error, destination);
      });
    },
    async assertWorked(result) {
      if (result.exitCode !== 0) throw await explainRcloneStatus(result, destination, env);
    },
    there: (name) => `${destination}${destination.endsWith(':') ? '' : '/'}${name}`,
  };
}

/** Without it, rclone would take itself for not configured at all, and say that there is no such remote. */
function assertConfigThere(config: string | undefined): void {
  if (config === undefined || existsSync(config)) return;
  const message = `There is no configuration file of rclone at ${config}. Mend backups.rcloneConfig in the profile; rclone config file says where yours is.`;
  throw new OperationalError('PROFILE_INVALID', message);
}
