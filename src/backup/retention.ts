import ms from 'ms';
import { countBackups, dayOf, newestFirst, type BackupFacts, type CountedBackups } from './daily-backups.ts';

/** The profile's `backups`, as far as it says what stays. */
export interface RetentionPolicy {
  keepDaily: number;
  pruneAfterMs: number;
  /** Where a copy has to be before anything may go; null where the profile names nothing. */
  destination: string | null;
  /** What is to be typed for a further backup, and for its copy. */
  commands: { backup: string; offsite: string };
}

/** What happens to a backup, and why, in words. */
export interface Decision<Backup extends BackupFacts = BackupFacts> {
  backup: Backup;
  action: 'keep' | 'prune';
  reason: string;
}

/**
 * Decides which backups stay. The newest whole backup of a day (UTC) is the day's own; those of the newest `keepDaily`
 * days that have one stay, however old. What else is old enough goes, and so do, once the day is over, its further
 * backups: all of them only when a copy is proven to be off-host. What is not a whole backup, or of a time still to come,
 * never goes and never counts. Pure; the order of the backups plays no part.
 * @returns the newest first
 */
export function planRetention<Backup extends BackupFacts>(
  backups: readonly Backup[],
  policy: RetentionPolicy,
  now: Date,
): Decision<Backup>[] {
  const counted = countBackups(backups, now);
  const context = { policy, now, counted, proven: findProven(counted.all, policy) };
  const decisions = new Map<Backup, Decision<Backup>>();
  const staying = new Set<string | null>();
  // Newest first: a duplicate before its original.
  for (const backup of counted.all) {
    const verdict = decide(backup, context);
    // Otherwise the duplicate would be an original next time, and count for another day.
    const isNeeded = counted.originals.get(backup.sha256) === backup && staying.has(backup.sha256);
    const action = verdict.goes && !isNeeded ? 'prune' : 'keep';
    if (action === 'keep') staying.add(backup.sha256);
    const reason = verdict.goes && isNeeded ? 'the same dump stays under a newer name' : verdict.reason;
    decisions.set(backup, { backup, action, reason });
  }
  return backups
    .toSorted(newestFirst)
    .map((backup) => decisions.get(backup) ?? { backup, action: 'keep', reason: whyNotCounted(backup) });
}

interface Context<Backup extends BackupFacts> {
  policy: RetentionPolicy;
  now: Date;
  counted: CountedBackups<Backup>;
  proven: Set<string | null>;
}

function decide<Backup extends BackupFacts>(
  backup: Backup,
  context: Context<Backup>,
): { goes: boolean; reason: string } {
  const { policy, proven } = context;
  const { mayGo, reason } = isDispensable(backup, context);
  if (!mayGo) return { goes: false, reason };
  if (policy.destination === null) return { goes: false, reason: `${reason}, but no copy is proven to be off-host` };
  if (proven.has(backup.sha256)) return { goes: true, reason: `${reason}, and copied off-host` };
  const { what = `not proven to be off-host: ${policy.commands.offsite}` } = backup.copyDoubt ?? {};
  return { goes: false, reason: `${reason}, but ${what}` };
}

/** Whether a backup could go if a copy is off-host. */
function isDispensable<Backup extends BackupFacts>(
  backup: Backup,
  { policy: { keepDaily, pruneAfterMs }, now, counted: { originals, daily } }: Context<Backup>,
): { mayGo: boolean; reason: string } {
  const day = dayOf(backup.takenAt);
  const own = daily.get(day);
  const age = ms(pruneAfterMs, { long: true });
  const isOld = now.getTime() - backup.takenAt.getTime() > pruneAfterMs;
  if (own === backup) {
    const rank = [...daily.keys()].indexOf(day) + 1;
    if (rank <= keepDaily) return { mayGo: false, reason: `daily backup ${rank} of ${keepDaily}` };
    return { mayGo: isOld, reason: `${isOld ? '' : 'not '}older than ${age}` };
  }
  if (day === dayOf(now)) return { mayGo: false, reason: 'of today' };
  // A duplicate may be newer than its day's own backup, which may go before it is old enough itself.
  if (own !== undefined && own.takenAt >= backup.takenAt) {
    return { mayGo: true, reason: `the day has a newer one, ${own.stem}` };
  }
  const original = originals.get(backup.sha256) ?? backup;
  return { mayGo: isOld, reason: `the same dump as ${original.stem}, ${isOld ? '' : 'not '}older than ${age}` };
}

function whyNotCounted({ problem }: BackupFacts): string {
  return problem ?? 'of a time still to come: see whether the clock was wrong then, or is now';
}

/** The dumps whose bytes are at the destination. A copy of a duplicate is one of the original. */
function findProven(counted: BackupFacts[], { destination }: RetentionPolicy): Set<string | null> {
  const copied = counted.filter(({ copiedTo, copyDoubt }) => copiedTo === destination && copyDoubt === undefined);
  return new Set(copied.map(({ sha256 }) => sha256));
}
