import { findKeys } from '../backup/encryption/keys.ts';
import type { ToolLimits } from '../postgres/tool.ts';
import type { ReadLimits } from '../backup/layers/layer.ts';
import { restoreTimeoutMs } from '../restore/time-limit.ts';
import type { Drill } from './drill.ts';

const shortestMs = 10 * 60_000;

/**
 * The same for the restore of a dump: what takes much longer than its size explains hangs.
 * @param dumpBytes null where nothing says it
 */
export function restoreLimits(drill: Drill, dumpBytes: number | null): ToolLimits {
  const limits = toolLimits(drill);
  return dumpBytes === null
    ? limits
    : { ...limits, timeoutMs: Math.min(limits.timeoutMs, restoreTimeoutMs(dumpBytes)) };
}

/** The same for reading a backup, with what opens it where it is encrypted. */
export function readLimits(drill: Drill): ReadLimits {
  const { environment, directory } = drill.run;
  const keys = findKeys(drill.profile.backups, environment, directory);
  return { ...toolLimits(drill), path: environment.path, keys };
}

/**
 * How long a tool may take. A restore that misses its objective is still measured, so the deadline is well behind it;
 * it is there for what hangs.
 */
export function toolLimits({ profile, run, toolTimeoutMs }: Drill): ToolLimits {
  return { timeoutMs: toolTimeoutMs ?? Math.max(4 * profile.objectives.rto, shortestMs), signal: run.signal };
}
