import type { ToolLimits } from '../postgres/tool.ts';
import { currentDigest } from '../snapshot/digest-version.ts';
import type { SnapshotOptions } from '../snapshot/take.ts';
import type { Drill } from './drill.ts';
import type { ServedDatabase } from './served-database.ts';

const shortestMs = 10 * 60_000;

/**
 * How long a tool may take. A restore that misses its objective is still measured, so the deadline is well behind it;
 * it is there for what hangs.
 */
export function toolLimits({ profile, run, toolTimeoutMs }: Drill): ToolLimits {
  return { timeoutMs: toolTimeoutMs ?? Math.max(4 * profile.objectives.rto, shortestMs), signal: run.signal };
}

/** What the drill's snapshots are taken with. @param digestVersion of what they are compared with */
export function snapshotOptions({ drill, server }: ServedDatabase, digestVersion = currentDigest): SnapshotOptions {
  return { runner: server, ownership: drill.profile.ownership, digestVersion, ...toolLimits(drill) };
}
