import type { Profile } from '../config/profile.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Manifest } from './manifest.ts';

/**
 * What a manifest says of owners can only be compared with a restore that keeps them.
 * @throws OperationalError PROFILE_INVALID
 */
export function assertSameOwnership(profile: Pick<Profile, 'ownership'>, { ownership }: Manifest): void {
  if (ownership === profile.ownership) return;
  const message = `The backup was taken with ownership: '${ownership}', the profile says '${profile.ownership}': what the manifest says cannot be compared. Set ownership in the profile to '${ownership}', or take a new backup.`;
  throw new OperationalError('PROFILE_INVALID', message);
}
