import { listBackups } from '../backup/inventory.ts';
import type { Profile } from '../config/profile.ts';
import type { Settings } from '../config/settings.ts';
import { OperationalError } from '../system/operational-error.ts';

type Given = Pick<Settings, 'backup' | 'newestIn' | 'fromOffsite' | 'source'>;
type Known = Pick<Profile, 'backups' | 'database' | 'seed' | 'sources'>;

/**
 * The rehearsals that are run where none is named. What a flag says of a backup is for the rehearsal of backups; a profile with a
 * seed starts from that, and rehearses its directory of backups where it holds one; without a seed, backups have to be there.
 * @throws OperationalError PROFILE_INVALID where nothing says what to start from
 */
export async function defaultRehearsals(
  { backup, newestIn, fromOffsite, source }: Given,
  profile: Known,
): Promise<string[]> {
  const { backups, database, seed } = profile;
  if (backup !== null || newestIn !== null || fromOffsite || source !== null) return ['latest-backup'];
  // An empty directory is red there: a drill of anything else would hide it.
  if (seed.length === 0 && (backups !== undefined || isElsewhere(profile))) return ['latest-backup'];
  if (seed.length === 0) throw nothingToStartFrom(database.name);
  if (isElsewhere(profile)) return ['clean-state', 'latest-backup'];
  const stored = backups === undefined ? [] : await listBackups(backups.directory, database.name);
  return stored.length === 0 ? ['clean-state'] : ['clean-state', 'latest-backup'];
}

/**
 * The live database that is rehearsed where nothing else is there to start from; null where something is. Pure.
 * @param rehearsals those that are named
 */
export function defaultSource(
  { backup, newestIn, fromOffsite, source, rehearsals, all }: Given & Pick<Settings, 'rehearsals' | 'all'>,
  profile: Known,
): string | null {
  const { backups, database, seed } = profile;
  const isChosen = backup !== null || newestIn !== null || fromOffsite || source !== null;
  if (all || rehearsals.length > 0 || isChosen || seed.length > 0) return null;
  return backups !== undefined || isElsewhere(profile) ? null : (database.url ?? null);
}

/** Whether the profile says where backups are that others take. */
function isElsewhere({ backups, sources }: Known): boolean {
  return sources.backup !== undefined || sources.fetch !== undefined || backups?.pattern !== undefined;
}

function nothingToStartFrom(database: string): OperationalError {
  const message = `Nothing says what a rehearsal of ${database} starts from: the profile has no seed, no backups.directory and no database.url. Set one of them, or name a dump with --backup FILE, or a live database with --source URL.`;
  return new OperationalError('PROFILE_INVALID', message);
}
