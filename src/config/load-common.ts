import { readProfile, validateProfile, type ExportedProfile, type LoadedProfile } from './load-profile.ts';
import { isPlain } from './merge-profile.ts';

/** What all databases of a profile have in common. */
export interface CommonProfile extends LoadedProfile {
  exported: ExportedProfile;
  /** Whether it names several. `database` is then the name of the profile, where it says no other. */
  isFleet: boolean;
}

/**
 * Reads what a profile says of all its databases together: where evidence goes, who signs it, who is told.
 * @throws OperationalError PROFILE_INVALID, SEED_MISSING
 */
export async function loadCommon(file: string): Promise<CommonProfile> {
  const exported = await readProfile(file);
  const { exported: raw } = exported;
  if (!isPlain(raw) || raw['databases'] === undefined) {
    return { ...(await validateProfile(exported)), exported, isFleet: false };
  }
  const { name } = raw;
  const stands = typeof name === 'string' && name !== '' ? name.slice(0, longestName) : 'fleet';
  const placeholder = { database: { name: stands, owner: stands } };
  const whole = { ...placeholder, ...raw };
  return { ...(await validateProfile({ ...exported, exported: whole })), exported, isFleet: true };
}

const longestName = 63;
