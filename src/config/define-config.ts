import type { FleetInput, ProfileInput } from './profile.ts';

/** Lets an editor know the keys of a profile. It adds nothing: a profile is a plain object. */
export function defineConfig<Input extends ProfileInput | FleetInput>(profile: Input): Input {
  return profile;
}
