import { currentDigest } from '../snapshot/digest-version.ts';
import type { SnapshotOptions } from '../snapshot/take.ts';
import { toolLimits } from './limits.ts';
import type { ServedDatabase } from './served-database.ts';

/** What the drill's snapshots are taken with. @param digestVersion of what they are compared with */
export function snapshotOptions({ drill, server }: ServedDatabase, digestVersion = currentDigest): SnapshotOptions {
  return { runner: server, ownership: drill.profile.ownership, digestVersion, ...toolLimits(drill) };
}
