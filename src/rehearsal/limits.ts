import type { ToolLimits } from '../postgres/tool.ts';
import { currentDigest } from '../snapshot/digest-version.ts';
import type { SnapshotOptions } from '../snapshot/take.ts';
import type { Drill } from './drill.ts';

const shortestMs = 10 * 60_000;

/**
 * How long a tool may take. A restore that misses its objective is still measured, so the deadline is well behind it;
 * it is there for what hangs.
 */
export function toolLimits({ profile, signal, toolTimeoutMs }: Drill): ToolLimits {
  return { timeoutMs: toolTimeoutMs ?? Math.max(4 * profile.objectives.rto, shortestMs), signal };
}

/** What the drill's snapshots are taken with: so that they can be compared with what is expected, where that is known. */
export function snapshotOptions(drill: Drill): SnapshotOptions {
  return {
    runner: drill.need('server'),
    ownership: drill.profile.ownership,
    digestVersion: drill.expected?.digestVersion ?? currentDigest,
    ...toolLimits(drill),
  };
}
