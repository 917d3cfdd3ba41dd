import { statfs } from 'node:fs/promises';
import prettyMilliseconds from 'pretty-ms';
import { nameInEvidence } from '../config/profile.ts';
import type { Engine } from '../engine/engine.ts';
import { readEarlier } from '../evidence/earlier.ts';
import type { Evidence, Facts } from '../evidence/schema.ts';
import type { Backup } from '../restore/read-backup.ts';
import { likelyDatabaseBytes } from '../restore/time-limit.ts';
import { OperationalError } from '../system/operational-error.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import type { Drill } from './drill.ts';
import type { Say } from './step.ts';

/** What the restore of a backup takes, as far as it can be told before. */
export interface Estimate {
  /** Of the disk, with room to build indexes, and with the WAL. */
  likelyBytes: number;
  /** What it takes at least: with less there is no use in a start. */
  leastBytes: number;
  /** Who says it, for people. */
  by: string;
}

/**
 * Sees to it that there is room for a restore before anything is started, and says how much it takes and how long.
 * @returns facts for the evidence
 * @throws OperationalError DISK_TOO_SMALL
 */
export async function assertRoomFor(drill: Drill, engine: Engine, backup: Backup, say: Say): Promise<Facts> {
  const { examination, dump, format } = backup;
  const dumpBytes = dump.seal?.sizeBytes ?? examination.sizeBytes;
  const isPacked = format.name === 'custom' || format.name === 'directory';
  const { disk = null } = drill.choices;
  const estimate =
    disk === null
      ? estimateRoom({ dumpBytes, isPacked, databaseBytes: examination.manifest?.databaseBytes ?? null })
      : { likelyBytes: disk, leastBytes: disk, by: '--disk' };
  const directory = (await engine.findDataDirectory?.(drill.run.directory)) ?? null;
  const freeBytes = directory === null ? null : await readFree(directory);
  const expectedMs = await expectTime(drill, examination.sizeBytes);
  const time = expectedMs === null ? '' : `, and about ${prettyMilliseconds(expectedMs, { compact: true })} as before`;
  say(`takes about ${formatBytes(estimate.likelyBytes)} of the disk${time}`);
  if (directory !== null && freeBytes !== null && freeBytes < estimate.leastBytes) {
    throw tooSmall(estimate, { directory, freeBytes, engine: engine.name });
  }
  return { needsBytes: estimate.likelyBytes, needsBy: estimate.by, freeBytes, expectedMs };
}

/** Indexes are built from sorted copies, and all that is written passes through the WAL, of which the server keeps 8 GB. */
const [workShare, mostWalBytes] = [0.2, 8e9];

/** Pure. */
export function estimateRoom({
  dumpBytes,
  isPacked,
  databaseBytes,
}: {
  dumpBytes: number;
  isPacked: boolean;
  databaseBytes: number | null;
}): Estimate {
  const likely = databaseBytes ?? likelyDatabaseBytes({ sizeBytes: dumpBytes, isPacked });
  const likelyBytes = Math.ceil(likely * (1 + workShare) + Math.min(likely, mostWalBytes));
  // Rows are stored about as long as a dump writes them. A database that is full of gaps takes less once it is restored.
  const leastBytes = Math.ceil(databaseBytes === null ? dumpBytes : Math.max(dumpBytes, databaseBytes / 2));
  const by = databaseBytes === null ? 'the size of the dump' : 'the size of the database, in the manifest';
  return { likelyBytes, leastBytes, by };
}

async function readFree(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** By the newest drill of the same database that came to its end; null where there is none. */
async function expectTime({ profile: { evidence, database } }: Drill, bytes: number): Promise<number | null> {
  for await (const earlier of readEarlier(evidence.directory, 'latest-backup')) {
    if (earlier.about?.database === nameInEvidence(database)) return scaleTime(earlier, bytes);
  }
  return null;
}

/** Starting a server takes as long as ever; the rest grows with the backup. Pure. */
export function scaleTime({ subject, objectives: { rto } }: Pick<Evidence, 'subject' | 'objectives'>, bytes: number) {
  if (subject === null || subject.bytes === 0 || rto.measuredMs === null) return null;
  const { server = 0 } = rto.phases;
  return Math.round(server + (rto.measuredMs - server) * Math.max(bytes / subject.bytes, 0.1));
}

function tooSmall(
  { leastBytes, likelyBytes, by }: Estimate,
  { directory, freeBytes, engine }: { directory: string; freeBytes: number; engine: Engine['name'] },
): OperationalError {
  const mend =
    engine === 'local'
      ? 'Free some space, or set TMPDIR to a directory on a larger disk'
      : 'Free some space there (docker system df shows what takes it), or use the local engine with TMPDIR on a larger disk (--engine local)';
  const message = `The restore takes about ${formatBytes(likelyBytes)} of the disk, and ${formatBytes(leastBytes)} at least (by ${by}); in ${directory}, where the server would keep it, ${formatBytes(freeBytes)} are free. Nothing was started. ${mend}, and start again. Who knows better says with --disk SIZE how much it takes.`;
  return new OperationalError('DISK_TOO_SMALL', message);
}
