import type { ToolLimits } from '../postgres/tool.ts';
import type { Drill } from './drill.ts';

const shortestMs = 10 * 60_000;

/**
 * How long a tool may take. A restore that misses its objective is still measured, so the deadline is well behind it;
 * it is there for what hangs.
 */
export function toolLimits({ profile, run, toolTimeoutMs }: Drill): ToolLimits {
  return { timeoutMs: toolTimeoutMs ?? Math.max(4 * profile.objectives.rto, shortestMs), signal: run.signal };
}
