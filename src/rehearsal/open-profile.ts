import { assumeProfile } from '../config/assumed-profile.ts';
import { loadProfile, type LoadedProfile } from '../config/load-profile.ts';
import type { Settings } from '../config/settings.ts';

/** The profile of a rehearsal, and where it was read: null where nobody has written one. */
export type OpenedProfile = Omit<LoadedProfile, 'file'> & { file: string | null; isAssumed: boolean };

/**
 * The profile that settings name. Where there is none, it is one of a database of which no more than the name is known, until its
 * backup is read: see assumeFromBackup.
 * @throws OperationalError PROFILE_INVALID, SEED_MISSING
 */
export async function openProfile({
  config,
  assumed = null,
  overrides = null,
}: Pick<Settings, 'config' | 'assumed' | 'overrides'>): Promise<OpenedProfile> {
  if (assumed === null) return { ...(await loadProfile(config, overrides)), isAssumed: false };
  const { database: name, directory } = assumed;
  const known = { name, owner: name, ownership: 'preserve' as const, roles: [], extensions: [] };
  return { ...assumeProfile(known, directory), file: null, isAssumed: true };
}
