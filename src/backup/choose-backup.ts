import { isAlone } from './alone.ts';
import type { StoredBackup } from './inventory.ts';

/** A backup that was not chosen although it is newer than the one that was. */
export interface PassedOver {
  stem: string;
  reason: string;
  /** All of it is there, and it is not what it was: that is worse than half a backup. */
  isDamaged?: boolean;
  /** Nothing is wrong with it: it is of another database, or no dump of one. */
  isOther?: boolean;
}

export interface Choice {
  /** null where there is none that could be restored. */
  chosen: StoredBackup | null;
  passedOver: PassedOver[];
}

/**
 * Chooses the newest backup that is whole. A dump that comes alone was taken by a person, and is one; where none has a manifest,
 * they are somebody else's, who writes none. Pure.
 * @param backups newest first
 */
export function chooseBackup(backups: StoredBackup[], now: Date): Choice {
  const haveManifests = backups.some(({ parts }) => parts.has('dump') && parts.has('manifest'));
  const passedOver: PassedOver[] = [];
  for (const backup of backups) {
    const reason = whyNot(backup, haveManifests, now);
    if (reason === null) return { chosen: backup, passedOver };
    passedOver.push({ stem: backup.stem, reason });
  }
  return { chosen: null, passedOver };
}

function whyNot({ parts, takenAt }: StoredBackup, haveManifests: boolean, now: Date): string | null {
  if (!parts.has('dump')) return 'it has no dump';
  if (takenAt > now) return 'its name says a time that is still to come';
  if (!haveManifests || isAlone(parts)) return null;
  const missing = (['manifest', 'checksum'] as const).filter((part) => !parts.has(part));
  return missing.length === 0 ? null : `it has no ${missing.join(' and no ')}`;
}
