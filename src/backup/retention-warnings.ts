import { countBackups, dayOf, nameDay, type BackupFacts } from './daily-backups.ts';
import type { RetentionPolicy } from './retention.ts';

/** What a person should know of the backups that are there, apart from what happens to each. Pure. */
export function retentionWarnings(backups: readonly BackupFacts[], policy: RetentionPolicy, now: Date): string[] {
  const days = [...countBackups(backups, now).daily.keys()].slice(0, policy.keepDaily);
  const future = backups.filter(({ takenAt }) => takenAt > now);
  return [
    ...(days.length === 0 ? [`There is no whole backup here. Take one: ${policy.commands.backup}`] : []),
    ...(policy.destination === null
      ? [
          `Nothing is ever pruned, for no copy is proven to be off-host: the profile has no backups.offsite. Set it, and copy: ${policy.commands.offsite}`,
        ]
      : []),
    ...(future.length === 0
      ? []
      : [
          `${future.length} of the backups have a time in their name that is still to come; it is ${now.toISOString()}.`,
        ]),
    ...describeGaps(days, now),
  ];
}

/** Days without a whole backup. Before the oldest of the daily ones that always stay, there may be gaps that pruning made. */
function describeGaps(days: number[], now: Date): string[] {
  const later = [dayOf(now), ...days];
  return days.flatMap((day, index) => {
    const missing = (later[index] ?? day) - day - 1;
    if (missing < 1) return [];
    const first = nameDay(day + 1);
    return missing === 1
      ? [`There is no backup of ${first}.`]
      : [`There is no backup of ${missing} days: ${first} to ${nameDay(day + missing)}.`];
  });
}
