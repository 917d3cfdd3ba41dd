/** What has to be known of a stored backup to decide whether it stays. */
export interface BackupFacts {
  /** What its files' names have in common. */
  stem: string;
  /** From the name. */
  takenAt: Date;
  /** What keeps it from being a whole backup, and what to do, in words; null where dump, checksum and manifest fit together. */
  problem: string | null;
  /** SHA-256 of the dump, as checksum and manifest say; null where they say nothing, or not the same. */
  sha256: string | null;
  /** The destination that a receipt says these very bytes have been read back from; null where none does. */
  copiedTo: string | null;
  /** Why that receipt is not to be relied on: `isLost` where its copy was looked at, and is not what it was. */
  copyDoubt?: { what: string; isLost: boolean };
}

/** The backups that retention counts. */
export interface CountedBackups<Backup extends BackupFacts> {
  /** Whole ones of a time that has been, newest first. */
  all: Backup[];
  /** The backup of each dump: of the same bytes under several names the oldest is the backup, the others are duplicates. */
  originals: Map<string | null, Backup>;
  /** The newest original of each day (UTC), the newest day first. */
  daily: Map<number, Backup>;
}

/** Finds out which backups count: a day's own is its newest whole one. Pure; the order of the backups plays no part. */
export function countBackups<Backup extends BackupFacts>(
  backups: readonly Backup[],
  now: Date,
): CountedBackups<Backup> {
  const all = backups.filter((backup) => counts(backup, now)).toSorted(newestFirst);
  const originals = new Map(all.map((backup) => [backup.sha256, backup]));
  const daily = new Map<number, Backup>();
  for (const backup of all) {
    const day = dayOf(backup.takenAt);
    if (originals.get(backup.sha256) === backup && !daily.has(day)) daily.set(day, backup);
  }
  return { all, originals, daily };
}

const dayMs = 24 * 60 * 60_000;

/** The day of a moment in UTC, counted from 1970. Pure. */
export function dayOf(moment: Date): number {
  return Math.floor(moment.getTime() / dayMs);
}

/** Such a day as people write it: `2026-02-09`. Pure. */
export function nameDay(day: number): string {
  return new Date(day * dayMs).toISOString().replace(/T.*/, '');
}

/** Orders backups by the time in their names. Pure. */
export function newestFirst(a: BackupFacts, b: BackupFacts): number {
  return b.takenAt.getTime() - a.takenAt.getTime() || (a.stem < b.stem ? 1 : -1);
}

function counts({ problem, sha256, takenAt }: BackupFacts, now: Date): boolean {
  return problem === null && sha256 !== null && takenAt <= now;
}
