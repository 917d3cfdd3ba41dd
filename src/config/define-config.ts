import type { ProfileInput } from './profile.ts';

/** Lets an editor know the keys of a profile. It adds nothing: a profile is a plain object. */
export function defineConfig(profile: ProfileInput): ProfileInput {
  return profile;
}
